// Forms byte for byte: what no browser sends, and what older clients do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { exchange, type RawAnswer } from './raw-exchange.ts'
import { assertRefusal, SIGNATURE_MISMATCH, UNKNOWN_KEY } from './refusal.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'
import { signV2 } from './signing.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('raw-forms')
const skip = isForeign && 'version 2 is a setting of this process'
const BOUNDARY = 'xxBOUNDARYxx'

before(async () => {
  server = await startS3Server({
    authentication: { signatureV2: 'presigned' },
    limits: { bodyIdleMs: 300, sweepMs: 50 },
  })
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

type Fields = Readonly<Record<string, string>>

/** A policy that allows a key, and its signature of version 2, as older clients make them. */
function signForm(key: string, changes: Fields = {}): Fields {
  const expiration = new Date(Date.now() + 60_000).toISOString()
  const conditions = [{ bucket: Bucket }, { key }, ['content-length-range', 0, 1000]]
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
  const signature = signV2(server.secretKey, policy)
  return { key, AWSAccessKeyId: server.accessKey, policy, signature, ...changes }
}

function render(fields: Fields, file: string, end = `\r\n--${BOUNDARY}--\r\n`): string {
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const disposition = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
  const head = `--${BOUNDARY}\r\n${disposition}\r\nContent-Type: text/plain\r\n\r\n`
  return `${parts.join('')}${head}${file}${end}`
}

type Sent = { readonly length?: number; readonly chunked?: boolean; readonly end?: boolean }

function post(body: string, { length = body.length, chunked, end }: Sent = {}): Promise<RawAnswer> {
  const framed = chunked === true ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
  const framing = chunked === true ? 'transfer-encoding: chunked' : `content-length: ${length}`
  const head =
    `POST /${Bucket} HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\nconnection: close\r\n` +
    `content-type: multipart/form-data; boundary="${BOUNDARY}"\r\n${framing}\r\n\r\n`
  return exchange(server, { pieces: [head + framed], ...(end !== undefined && { end }) })
}

async function assertNotStored(Key: string): Promise<void> {
  await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key })), 404)
}

test('a form of version 2 is taken where the setting allows it', { skip }, async () => {
  const answer = await post(render(signForm('old'), 'hello'))
  assert.equal(answer.status, 204, answer.whole)
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'old' }))
  assert.equal(await Body?.transformToString(), 'hello')
})

test('a form of version 2 that is not what was signed is refused', { skip }, async () => {
  const refused = async (changes: Fields) => post(render(signForm('forged', changes), 'x'))
  assertRefusal(await refused({ signature: 'AAAA' }), SIGNATURE_MISMATCH)
  assertRefusal(await refused({ AWSAccessKeyId: 'nobody' }), UNKNOWN_KEY)
  const { policy: other = '' } = signForm('other')
  assertRefusal(await refused({ policy: other }), SIGNATURE_MISMATCH)
  await assertNotStored('forged')
})

test('a form of version 2 is refused where the setting is off', { skip }, async (t) => {
  const strict = await startS3Server()
  t.after(() => strict.stop())
  const form = new FormData()
  for (const [name, value] of Object.entries(signForm('old'))) form.append(name, value)
  form.append('file', new Blob(['x']))
  const answer = await fetch(`${strict.url}/${Bucket}`, { method: 'POST', body: form })
  assert.equal(answer.status, 400)
  assert.match(await answer.text(), /COFFER_SIGNATURE_V2=presigned/)
})

test('a form that ends early leaves nothing behind', { skip }, async () => {
  const whole = render(signForm('cut'), 'hello')
  const withoutEnd = render(signForm('cut'), 'hello', '')
  // Cut by its own length, by its framing, and by a connection that ends.
  for (const answer of [
    await post(withoutEnd),
    await post(withoutEnd, { chunked: true }),
    await post(whole.slice(0, -4)),
  ]) {
    assertRefusal(answer, {
      status: 400,
      code: 'MalformedPOSTRequest',
      message: 'The body of your POST request is not well-formed multipart/form-data.',
    })
  }
  await post(withoutEnd, { length: whole.length, end: true })
  const stalled = await post(withoutEnd, { length: whole.length })
  assertRefusal(stalled, { status: 400, code: 'RequestTimeout', message: /within the timeout/ })
  await assertNotStored('cut')
  assert.equal((await post(whole, { chunked: true })).status, 204)
})

test('a policy is judged before the file is awaited', { skip }, async () => {
  const fields = { ...signForm('early'), 'x-amz-meta-extra': 'x' }
  const answer = await post(render(fields, 'begun', ''), { length: 100_000_000 })
  assertRefusal(answer, {
    status: 403,
    code: 'AccessDenied',
    message: 'Invalid according to Policy: Extra input fields: x-amz-meta-extra',
  })
})

test('a file that outgrows its policy is refused while it comes', { skip }, async () => {
  const answer = await post(render(signForm('grown'), 'x'.repeat(1001), ''), {
    length: 100_000_000,
  })
  assertRefusal(answer, {
    status: 400,
    code: 'EntityTooLarge',
    message: 'Your proposed upload exceeds the maximum allowed size',
    elements: { MaxSizeAllowed: '1000' },
  })
  await assertNotStored('grown')
})

test('a form without length is refused', { skip }, async () => {
  const head =
    `POST /${Bucket} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n` +
    `content-type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n`
  const answer = await exchange(server, { pieces: [head] })
  assertRefusal(answer, {
    status: 411,
    code: 'MissingContentLength',
    message: 'You must provide the Content-Length HTTP header.',
  })
})
