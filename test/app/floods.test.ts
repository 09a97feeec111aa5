/**
 * Clients that send too much, too slowly, or never stop: each is answered in AWS's words, and the
 * server's memory stays what it was.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { before, after, test } from 'node:test'
import { type SignedRequest, signRequest } from '../s3/raw-exchange.ts'
import { ROOT_KEYS, type RunningCoffer, serveCoffer, temporaryFolder } from './coffer-process.ts'

const MIB = 1024 * 1024

/** What a server may grow by meanwhile; each test sends several times as much. */
const GROWTH_BYTES = 96 * MIB
const PATIENCE_MS = 20_000
const skip = process.platform !== 'linux' && 'only Linux tells the memory of another process'

let coffer: RunningCoffer
const cleanUps: (() => Promise<void>)[] = []

before(async () => {
  const folder = await temporaryFolder((cleanUp) => cleanUps.push(cleanUp))
  coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0', '--log-level', 'error'])
  await send(sign({ method: 'PUT', target: '/flooded', headers: EMPTY }))
})
after(async () => {
  await coffer.stop()
  for (const cleanUp of cleanUps) await cleanUp()
})

/** Memory that belongs to the process alone, without files that it has mapped. */
async function memoryBytes(): Promise<number> {
  const status = await readFile(`/proc/${coffer.pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

/** The most that the server has grown by while something is done to it. */
async function growthDuring(act: () => Promise<void>): Promise<number> {
  const start = await memoryBytes()
  let most = start
  const watching = setInterval(() => {
    void memoryBytes().then((bytes) => (most = Math.max(most, bytes)))
  }, 50)
  await act().finally(() => clearInterval(watching))
  return Math.max(most, await memoryBytes()) - start
}

/** The head of a request that is signed, and leaves the connection open. */
function sign(request: SignedRequest): string {
  const { COFFER_ROOT_USER: accessKey, COFFER_ROOT_PASSWORD: secretKey } = ROOT_KEYS
  const headers = { connection: 'keep-alive', ...request.headers }
  return signRequest({ url: coffer.url, accessKey, secretKey }, { ...request, headers }).head
}

/** What the server says to these bytes, which are sent at the pace that it takes them. */
async function send(head: string, pieces: Iterable<string> = []): Promise<string> {
  const socket = await open()
  let received = ''
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      // An answer without a body is whole as well.
      if (/<\/Error>|content-length: 0/i.test(received)) resolve()
    })
    socket.once('close', () => resolve())
  })
  socket.setTimeout(PATIENCE_MS, () => socket.destroy())
  socket.write(head)
  for (const piece of pieces) {
    if (socket.destroyed || received !== '') break
    const isTaken = new Promise<void>((resolve) => socket.write(piece, () => resolve()))
    await Promise.race([isTaken, answered])
  }
  await answered
  socket.destroy()
  return received
}

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(coffer.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function* repeat(piece: string, count: number): Generator<string> {
  for (let round = 0; round < count; round++) yield piece
}

const EMPTY = { 'content-length': '0' }
const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`
const ENDLESS = { 'transfer-encoding': 'chunked' }

function codeOf(answer: string): string | undefined {
  return /<Code>(\w+)<\/Code>/.exec(answer)?.[1]
}

async function assertAnswers(
  expected: string | undefined,
  floods: () => Promise<string>[],
): Promise<void> {
  const flood = async (): Promise<void> => {
    for (const answer of await Promise.all(floods())) assert.equal(codeOf(answer), expected, answer)
  }
  // Whatever a first flood makes the heap, a second one must not make it larger.
  await flood()
  const growth = await growthDuring(flood)
  assert.ok(growth < GROWTH_BYTES, `The server grew by ${Math.round(growth / MIB)} MiB.`)
}

function times(count: number, make: () => Promise<string>): Promise<string>[] {
  return Array.from({ length: count }, make)
}

test('headers beyond the limit are refused, however many send them', { skip }, async () => {
  const line = `x-flood: ${'x'.repeat(8000)}\r\n`
  const flood = () => send('GET / HTTP/1.1\r\nhost: x\r\n', repeat(line, 100))
  await assertAnswers('RequestHeaderSectionTooLarge', () => times(100, flood))
})

test('thousands of small headers are one request like any other', { skip }, async () => {
  const lines = Array.from({ length: 2500 }, (_, at) => `h${at}: v\r\n`).join('')
  const flood = () => send(`GET / HTTP/1.1\r\nhost: x\r\n${lines}\r\n`)
  await assertAnswers('AccessDenied', () => times(100, flood))
})

test('a body that nobody asked for is not taken in', { skip }, async () => {
  const head = `PUT /flooded/key HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`
  await assertAnswers('AccessDenied', () => times(8, () => send(head, repeat(CHUNK, 800))))
})

test('a document that never ends is refused at its limit', { skip }, async () => {
  const md5 = { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }
  const targets = ['/flooded?versioning', '/flooded?delete', '/flooded?tagging']
  await assertAnswers('MaxMessageLengthExceeded', () =>
    targets.map((target) => {
      const method = target.endsWith('delete') ? 'POST' : 'PUT'
      return send(sign({ method, target, headers: { ...ENDLESS, ...md5 } }), repeat(CHUNK, 800))
    }),
  )
})

test('a form whose fields never end is refused at their limit', { skip }, async () => {
  const head =
    'POST /flooded HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n' +
    'content-type: multipart/form-data; boundary=b\r\n\r\n'
  const field = '\r\n--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n'
  const first = `${field.length.toString(16)}\r\n${field}\r\n`
  const form = () => send(head + first, repeat(CHUNK, 800))
  await assertAnswers('MaxPostPreDataLengthExceededError', () => times(8, form))
})

test('a trailer or a line of framing that never ends is refused', { skip }, async () => {
  const framed = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '1000000000',
    'content-encoding': 'aws-chunked',
  }
  const head = sign({
    method: 'PUT',
    target: '/flooded/framed',
    headers: { ...ENDLESS, ...framed },
    payload: framed['x-amz-content-sha256'],
  })
  await assertAnswers('InvalidRequest', () => [send(head, repeat(CHUNK, 800))])
})

test('many uploads that crawl cost next to nothing', { skip }, async () => {
  const growth = await growthDuring(async () => {
    const sockets = await Promise.all(Array.from({ length: 500 }, open))
    const headers = { 'content-length': '1000000000' }
    for (const [at, socket] of sockets.entries()) {
      socket.write(`${sign({ method: 'PUT', target: `/flooded/slow-${at}`, headers })}begun`)
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
    for (const socket of sockets) socket.destroy()
  })
  assert.ok(growth < GROWTH_BYTES, `The server grew by ${Math.round(growth / MIB)} MiB.`)
})

const ODD_LENGTHS = [
  'content-length: -1',
  'content-length: 1x',
  'content-length: 18446744073709551616',
  'content-length: 1\r\ncontent-length: 2',
  'content-length: 5\r\ntransfer-encoding: chunked',
]

for (const line of ODD_LENGTHS) {
  test(`a length that is none is refused: ${line.replace('\r\n', ', ')}`, async () => {
    const answer = await send(`PUT /flooded/odd HTTP/1.1\r\nhost: x\r\n${line}\r\n\r\nhello`)
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.equal(codeOf(answer), 'BadRequest')
  })
}

test('after all of it the server answers as before', async () => {
  const answer = await send(sign({ method: 'PUT', target: '/flooded/after', headers: EMPTY }))
  assert.match(answer, /^HTTP\/1\.1 200 /)
})
