/** `coffer cp` against a running server: what is interrupted, spoiled or changed on the way. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openS3 } from '../../src/cli/s3/client.ts'
import { copyObject } from '../../src/cli/transfer/copy-object.ts'
import { NO_PROGRESS } from '../../src/cli/transfer/progress.ts'
import { ROOT_KEYS } from '../app/coffer-process.ts'
import { getObject, headObject, pathOf, putObject } from '../load/s3-calls.ts'
import { openProxy, type Recorded } from './recording-proxy.ts'
import { runCommand, startCommand } from './run-command.ts'
import { serveOnce } from './serve-once.ts'

const MEBIBYTE = 1024 * 1024
const WAIT_MS = 30_000
const NEVER = new Promise<void>(() => {})

suite('copies', () => {
  const serving = serveOnce('copies')

  test('a tree comes back as it went, whatever its sizes and names', async () => {
    const { url, folder, client } = await serving()
    const tree = join(folder, 'tree')
    await mkdir(join(tree, '数据/训练 集'), { recursive: true })
    const files = new Map([
      ['empty', Buffer.alloc(0)],
      ['one byte', Buffer.from('x')],
      ['数据/训练 集/模型+&%.bin', randomBytes(17 * MEBIBYTE + 3)],
    ])
    for (const [name, bytes] of files) await writeFile(join(tree, name), bytes)
    const up = await runCommand(['cp', '-r', tree, 's3://copies/tree', '--json'], { endpoint: url })
    assert.equal(up.exitCode, 0, up.stderr)
    assert.deepEqual(lastLine(up.stdout), {
      event: 'finished',
      objects: 3,
      sizeBytes: 17 * MEBIBYTE + 4,
      failed: 0,
    })
    for (const [name, bytes] of files) {
      const { body } = await getObject(client, { bucket: 'copies', key: `tree/${name}` })
      assert.ok(body.equals(bytes), name)
    }
    const back = join(folder, 'back')
    const down = await runCommand(['cp', '-r', 's3://copies/tree/', back], { endpoint: url })
    assert.equal(down.exitCode, 0, down.stderr)
    assert.deepEqual(await filesIn(back), await filesIn(tree))
    for (const [name, bytes] of files) {
      assert.ok((await readFile(join(back, name))).equals(bytes), name)
    }
  })

  test('an upload that was killed goes on with the parts that are missing', async (context) => {
    const { url, folder, client } = await serving()
    const proxy = await openProxy(context, url)
    const bytes = randomBytes(22 * MEBIBYTE)
    const path = join(folder, 'interrupted')
    await writeFile(path, bytes)
    const command = ['cp', path, 's3://copies/', '--part-size', '5MiB', '--json']
    for (const [signal, partsEach] of [['SIGKILL', 2] as const, ['SIGINT', 1] as const]) {
      let passed = 0
      proxy.begin({
        before: (asked) => (isPart(asked) && ++passed > partsEach ? NEVER : undefined),
      })
      const run = startCommand(command, { endpoint: proxy.url })
      await until(() => proxy.answered().filter(isPart).length === partsEach)
      run.kill(signal)
      const { exitCode, stderr } = await run.ended
      assert.equal(exitCode, signal === 'SIGKILL' ? null : 1)
      if (signal === 'SIGINT') assert.match(stderr, /The same command goes on from here/)
    }
    proxy.begin()
    const end = await runCommand(command, { endpoint: proxy.url })
    assert.equal(end.exitCode, 0, end.stderr)
    assert.equal(proxy.requests().filter(isPart).length, 2)
    assert.equal(lastLine(end.stdout)['resumedBytes'], sumOfOthers(proxy.requests()))
    const { body } = await getObject(client, { bucket: 'copies', key: 'interrupted' })
    assert.ok(body.equals(bytes))
  })

  test('a download that was killed goes on where it stopped', async (context) => {
    const { url, folder, client } = await serving()
    const proxy = await openProxy(context, url)
    const bytes = randomBytes(26 * MEBIBYTE)
    await putObject(client, { bucket: 'copies', key: 'long', body: bytes })
    const target = await mkdtemp(join(folder, 'target-'))
    const command = ['cp', 's3://copies/long', target]
    proxy.begin({ before: ({ range }) => (startOf(range) >= 16 * MEBIBYTE ? NEVER : undefined) })
    const run = startCommand(command, { endpoint: proxy.url })
    await until(async () => {
      const [partial] = await readdir(target)
      return partial !== undefined && (await stat(join(target, partial))).size === 16 * MEBIBYTE
    })
    run.kill('SIGKILL')
    await run.ended
    proxy.begin()
    const end = await runCommand(command, { endpoint: proxy.url })
    assert.equal(end.exitCode, 0, end.stderr)
    const ranges = proxy.requests().flatMap(({ range }) => (range === undefined ? [] : [range]))
    assert.deepEqual(ranges.map(startOf).toSorted(byNumber), [16 * MEBIBYTE, 24 * MEBIBYTE])
    assert.deepEqual(await readdir(target), ['long'])
    assert.ok((await readFile(join(target, 'long'))).equals(bytes))
  })

  test('an object that changes while it is read is an error, and no file appears', async (context) => {
    const { url, folder, client } = await serving()
    const proxy = await openProxy(context, url)
    const put = (): Promise<unknown> =>
      putObject(client, { bucket: 'copies', key: 'moving', body: randomBytes(9 * MEBIBYTE) })
    await put()
    const target = await mkdtemp(join(folder, 'target-'))
    const changeBetween = async (): Promise<void> => {
      await until(() => proxy.answered().some(({ range }) => startOf(range) === 0))
      await put()
    }
    proxy.begin({ before: ({ range }) => (startOf(range) > 0 ? changeBetween() : undefined) })
    const end = await runCommand(['cp', 's3://copies/moving', target], { endpoint: proxy.url })
    assert.equal(end.exitCode, 1)
    assert.match(end.stderr, /s3:\/\/copies\/moving changed while it was read/)
    assert.deepEqual(await readdir(target), [])
  })

  test('bytes that are spoiled on the way are an error, and no file appears', async (context) => {
    const { url, folder, client } = await serving()
    const proxy = await openProxy(context, url)
    await putObject(client, { bucket: 'copies', key: 'spoiled', body: Buffer.from('right') })
    const target = await mkdtemp(join(folder, 'target-'))
    proxy.begin({ spoils: true })
    const end = await runCommand(['cp', 's3://copies/spoiled', target], { endpoint: proxy.url })
    assert.equal(end.exitCode, 1)
    assert.match(end.stderr, /arrived with other bytes/)
    assert.deepEqual(await readdir(target), [])
  })

  test('standard input of unknown length becomes an object', async () => {
    const { url, client } = await serving()
    const bytes = randomBytes(11 * MEBIBYTE)
    const command = ['cp', '-', 's3://copies/streamed', '--part-size', '5MiB']
    const end = await runCommand(command, { endpoint: url, stdin: bytes })
    assert.equal(end.exitCode, 0, end.stderr)
    const { body, headers } = await getObject(client, { bucket: 'copies', key: 'streamed' })
    assert.ok(body.equals(bytes))
    assert.match(headers.etag ?? '', /-3"$/)
  })

  test('an upload whose last answer was lost is asked for again, and is complete', async (context) => {
    const { url, client } = await serving()
    const proxy = await openProxy(context, url)
    let lost = 0
    proxy.begin({
      loses: ({ method, query }) => method === 'POST' && query.has('uploadId') && ++lost === 1,
    })
    const bytes = randomBytes(6 * MEBIBYTE)
    const command = ['cp', '-', 's3://copies/unheard', '--part-size', '5MiB']
    const end = await runCommand(command, { endpoint: proxy.url, stdin: bytes })
    assert.equal(end.exitCode, 0, end.stderr)
    assert.equal(lost, 2)
    assert.ok((await getObject(client, { bucket: 'copies', key: 'unheard' })).body.equals(bytes))
  })

  test('a copy in parts has the bytes, metadata and tags of its original', async () => {
    const { url, client } = await serving()
    const body = randomBytes(12 * MEBIBYTE)
    await client.send({
      method: 'PUT',
      path: pathOf({ bucket: 'copies', key: 'ori ginal' }),
      headers: { 'x-amz-meta-colour': 'red', 'x-amz-tagging': 'a=b%20c', 'content-type': 'x/y' },
      body,
    })
    const to = { bucket: 'copies', key: 'copied' }
    const { COFFER_ROOT_USER: accessKey, COFFER_ROOT_PASSWORD: secretKey } = ROOT_KEYS
    const transfer = {
      client: openS3({ url, region: 'us-east-1', keys: { accessKey, secretKey } }),
      progress: NO_PROGRESS,
      signal: new AbortController().signal,
      partSizeBytes: 16 * MEBIBYTE,
      headers: {},
    }
    const limits = { wholeBytes: 10 * MEBIBYTE, partSizeBytes: 5 * MEBIBYTE }
    const copy = { from: { bucket: 'copies', key: 'ori ginal' }, to }
    const { etag } = await copyObject(copy, transfer, limits)
    assert.match(etag, /-3"$/)
    assert.ok((await getObject(client, to)).body.equals(body))
    const { headers } = await headObject(client, to)
    assert.equal(headers['x-amz-meta-colour'], 'red')
    assert.equal(headers['content-type'], 'x/y')
    assert.equal(headers['x-amz-tagging-count'], '1')
  })
})

function isPart({ method, query }: Recorded): boolean {
  return method === 'PUT' && query.has('partNumber')
}

/** Of 22 MiB in parts of 5, those that were not sent: the last one is smaller. */
function sumOfOthers(requests: readonly Recorded[]): number {
  const sent = requests.filter(isPart).map(({ query }) => Number(query.get('partNumber')))
  return [1, 2, 3, 4, 5]
    .filter((partNumber) => !sent.includes(partNumber))
    .reduce((sum, partNumber) => sum + (partNumber === 5 ? 2 : 5) * MEBIBYTE, 0)
}

function startOf(range: string | undefined): number {
  return Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? -1)
}

function byNumber(one: number, other: number): number {
  return one - other
}

function lastLine(stdout: Buffer): Readonly<Record<string, unknown>> {
  const line: Readonly<Record<string, unknown>> = JSON.parse(
    stdout.toString().trim().split('\n').at(-1) ?? '',
  )
  return line
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).toSorted()
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await holds()); waitedMs += 5) {
    assert.ok(waitedMs < WAIT_MS, 'it never came to that')
    await sleep(5)
  }
}
