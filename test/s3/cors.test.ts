// CORS: the rules of a bucket, preflights, and what browsers are told with every other answer.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type CORSRule,
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client

before(async () => {
  server = await startS3Server()
  s3 = server.client()
})
after(() => server.stop())

async function bucketWith(...CORSRules: readonly CORSRule[]): Promise<string> {
  const Bucket = freshName('cors')
  await s3.send(new CreateBucketCommand({ Bucket }))
  if (CORSRules.length > 0) await put(Bucket, ...CORSRules)
  return Bucket
}

async function put(Bucket: string, ...CORSRules: readonly CORSRule[]): Promise<void> {
  const CORSConfiguration = { CORSRules: [...CORSRules] }
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }))
}

type Headers = Readonly<Record<string, string>>

function preflight(path: string, headers: Headers): Promise<Response> {
  return fetch(`${server.url}/${path}`, { method: 'OPTIONS', headers })
}

function asking(method: string, origin: string, headers?: string): Headers {
  return {
    origin,
    'access-control-request-method': method,
    ...(headers !== undefined && { 'access-control-request-headers': headers }),
  }
}

/** All that an answer says of CORS. */
function corsOf({ headers }: Response): Headers {
  return Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
  )
}

async function assertForbidden(answer: Response, text: RegExp): Promise<void> {
  const body = await answer.text()
  assert.equal(answer.status, 403, body)
  assert.match(body, /<Code>AccessForbidden<\/Code>/)
  assert.match(body, text)
  assert.deepEqual(corsOf(answer), {})
}

const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

test('rules are kept as they were sent, replaced and deleted', async () => {
  const Bucket = await bucketWith()
  const get = () => s3.send(new GetBucketCorsCommand({ Bucket }))
  await assertRefused(get(), 404, 'NoSuchCORSConfiguration')
  const rule = {
    ID: 'upload',
    AllowedHeaders: ['x-AMZ-*', 'content-type'],
    AllowedMethods: ['PUT', 'GET'],
    AllowedOrigins: ['https://*.example.com', 'http://test.com:80'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 0,
  }
  await put(Bucket, rule, { AllowedMethods: ['HEAD'], AllowedOrigins: [''] })
  const { CORSRules } = await get()
  assert.deepEqual(CORSRules?.[0], rule)
  assert.deepEqual(CORSRules?.[1], { AllowedMethods: ['HEAD'], AllowedOrigins: [''] })
  await put(Bucket, { AllowedMethods: ['GET'], AllowedOrigins: ['*'] })
  assert.equal((await get()).CORSRules?.length, 1)
  await s3.send(new DeleteBucketCorsCommand({ Bucket }))
  await assertRefused(get(), 404, 'NoSuchCORSConfiguration')
  await s3.send(new DeleteBucketCorsCommand({ Bucket }))
})

test('rules that AWS refuses are refused', async () => {
  const Bucket = await bucketWith()
  const rule = { AllowedMethods: ['GET'], AllowedOrigins: ['*'] }
  const refused: readonly (readonly [code: string, message: RegExp, rules: CORSRule[]])[] = [
    ['MalformedXML', /well-formed/, []],
    ['MalformedXML', /well-formed/, [{ ...rule, AllowedMethods: [] }]],
    ['MalformedXML', /well-formed/, [{ ...rule, AllowedOrigins: [] }]],
    ['MalformedXML', /well-formed/, [{ ...rule, MaxAgeSeconds: -1 }]],
    ['InvalidRequest', /Unsupported method is PATCH/, [{ ...rule, AllowedMethods: ['PATCH'] }]],
    ['InvalidRequest', /Unsupported method is get/, [{ ...rule, AllowedMethods: ['get'] }]],
    ['InvalidRequest', /"\*a\*" can not have more/, [{ ...rule, AllowedOrigins: ['*a*'] }]],
    ['InvalidRequest', /"\*-\*" can not have more/, [{ ...rule, AllowedHeaders: ['*-*'] }]],
    ['InvalidRequest', /contains wildcard/, [{ ...rule, ExposeHeaders: ['x-amz-*'] }]],
    ['InvalidRequest', /header/, [{ ...rule, ExposeHeaders: ['a\r\nset-cookie: b'] }]],
    ['InvalidRequest', /255/, [{ ...rule, ID: 'i'.repeat(256) }]],
    ['InvalidRequest', /100 rules/, Array.from({ length: 101 }, () => rule)],
    ['MaxMessageLengthExceeded', /too big/, [{ ...rule, ID: 'i'.repeat(65_536) }]],
  ]
  for (const [code, message, rules] of refused) {
    const error = await assertRefused(put(Bucket, ...rules), 400, code)
    assert.match(error.message, message)
  }
  await put(Bucket, ...Array.from({ length: 100 }, () => rule))
})

test('a preflight without Origin or method is not one', async () => {
  const Bucket = await bucketWith({ AllowedMethods: ['GET'], AllowedOrigins: ['*'] })
  const bare = await preflight(Bucket, {})
  assert.equal(bare.status, 400)
  assert.match(await bare.text(), /<Code>BadRequest<.*Origin request header needed/)
  const methodless = await preflight(Bucket, { origin: 'http://a.example' })
  assert.equal(methodless.status, 400)
  assert.match(await methodless.text(), /Invalid Access-Control-Request-Method: null/)
})

test('without rules or bucket every preflight is refused', async () => {
  const Bucket = await bucketWith()
  await assertForbidden(
    await preflight(`${Bucket}/key`, asking('PUT', 'http://a.example')),
    /CORS is not enabled for this bucket\..*<Method>PUT<\/Method><ResourceType>BUCKET</,
  )
  await assertForbidden(
    await preflight(`${Bucket}/key`, { origin: 'http://a.example' }),
    /<Method>OPTIONS<\/Method>/,
  )
  await assertForbidden(
    await preflight(freshName('gone'), asking('PUT', 'http://a.example')),
    /CORSResponse: Bucket not found/,
  )
  await assertForbidden(await preflight('', asking('GET', 'http://a.example')), /not found/)
})

test('a preflight is answered with the first rule that matches, unsigned', async () => {
  const Bucket = await bucketWith(
    { AllowedMethods: ['GET', 'HEAD'], AllowedOrigins: ['https://*.example.com'] },
    {
      AllowedMethods: ['PUT'],
      AllowedOrigins: ['https://a.example.com'],
      AllowedHeaders: ['Content-Type', 'x-amz-*'],
      ExposeHeaders: ['ETag', 'x-amz-version-id'],
      MaxAgeSeconds: 600,
    },
  )
  const reading = await preflight(`${Bucket}/key`, asking('HEAD', 'https://a.example.com'))
  assert.equal(reading.status, 200)
  assert.equal(await reading.text(), '')
  assert.deepEqual(corsOf(reading), {
    'access-control-allow-origin': 'https://a.example.com',
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-credentials': 'true',
    vary: VARY,
  })
  const announced = 'content-type,X-Amz-Checksum-CRC32'
  const writing = await preflight(Bucket, asking('PUT', 'https://a.example.com', announced))
  assert.deepEqual(corsOf(writing), {
    'access-control-allow-origin': 'https://a.example.com',
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'content-type, x-amz-checksum-crc32',
    'access-control-expose-headers': 'ETag, x-amz-version-id',
    'access-control-max-age': '600',
    'access-control-allow-credentials': 'true',
    vary: VARY,
  })
  for (const headers of [
    asking('PUT', 'https://b.example.com'),
    asking('PUT', 'https://a.example.com', 'content-type,x-other'),
    asking('GET', 'https://a.example.com', 'range'),
    asking('GET', 'https://example.com'),
    asking('GET', 'https://a.example.com/'),
    asking('DELETE', 'https://a.example.com'),
  ]) {
    await assertForbidden(await preflight(`${Bucket}/key`, headers), /not allowed.*>OBJECT</)
  }
})

test('a star stands for any text, also none, and the pattern for the whole origin', async () => {
  const AllowedOrigins = ['*suffix', 'start*end', 'prefix*']
  const Bucket = await bucketWith({ AllowedMethods: ['GET'], AllowedOrigins })
  const status = async (origin: string) => (await preflight(Bucket, asking('GET', origin))).status
  for (const origin of ['suffix', 'a.suffix', 'startend', 'start12end', 'prefix', 'prefix.a']) {
    assert.equal(await status(origin), 200, origin)
  }
  for (const origin of ['suffix.a', '0startend', 'stend', 'startend0', 'a.prefix']) {
    assert.equal(await status(origin), 403, origin)
  }
})

test('answers carry the rule that matches, errors too, and none where there is none', async () => {
  const rule = { AllowedMethods: ['GET'], AllowedOrigins: ['http://a.example'] }
  const Bucket = await bucketWith({ ...rule, ExposeHeaders: ['ETag'], MaxAgeSeconds: 60 })
  await s3.send(new PutObjectCommand({ Bucket, Key: 'there', Body: Buffer.from('text') }))
  const get = async (Key: string, headers: Headers) =>
    fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key })), { headers })
  const expected = {
    'access-control-allow-origin': 'http://a.example',
    'access-control-allow-methods': 'GET',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'ETag',
    'access-control-max-age': '60',
    vary: VARY,
  }
  const found = await get('there', { origin: 'http://a.example' })
  assert.equal(await found.text(), 'text')
  assert.deepEqual(corsOf(found), expected)
  const missing = await get('missing', { origin: 'http://a.example' })
  assert.equal(missing.status, 404)
  assert.deepEqual(corsOf(missing), expected)
  const unsigned = { headers: { origin: 'http://a.example' } }
  const denied = await fetch(`${server.url}/${Bucket}/there`, unsigned)
  assert.equal(denied.status, 403)
  assert.deepEqual(corsOf(denied), expected)
  const url = `${server.url}/${Bucket}/there`
  const deleted = await fetch(url, { ...unsigned, method: 'DELETE' })
  assert.deepEqual(corsOf(deleted), {})
  for (const headers of [
    {},
    { origin: 'http://b.example' },
    asking('PUT', 'http://a.example'),
    asking('GET', 'http://a.example', 'x-other'),
  ]) {
    const answer = await get('there', headers)
    assert.equal(answer.status, 200)
    assert.deepEqual(corsOf(answer), {})
  }
})

test('a rule for everybody is answered with a star, and without credentials', async () => {
  const Bucket = await bucketWith({ AllowedMethods: ['GET'], AllowedOrigins: ['*'] })
  const answer = await preflight(`${Bucket}/key`, asking('GET', 'http://a.example'))
  assert.deepEqual(corsOf(answer), {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET',
    vary: VARY,
  })
})

test('the rules of a missing bucket do not get in the way of its error', async () => {
  const url = `${server.url}/${freshName('gone')}/key`
  const answer = await fetch(url, { headers: { origin: 'http://a.example' } })
  assert.ok([403, 404].includes(answer.status))
  assert.deepEqual(corsOf(answer), {})
})
