// Forms as browsers send them: signed by the AWS SDK, sent by fetch.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('forms')

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

type Options = Omit<PresignedPostOptions, 'Bucket'>
type Presigned = { readonly url: string; readonly fields: Readonly<Record<string, string>> }

/** What the SDK gives to a page, which sends it with a file of its own. */
function sign(options: Options): Promise<Presigned> {
  return createPresignedPost(s3, { Bucket, Expires: 60, ...options })
}

type Sent = {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly fileName?: string
  readonly more?: Readonly<Record<string, string>>
}

function send({ url, fields }: Presigned, { body, fileName, more = {} }: Sent): Promise<Response> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...fields, ...more })) form.append(name, value)
  form.append('file', new Blob([body]), fileName ?? 'a.txt')
  return fetch(url, { method: 'POST', body: form, redirect: 'manual' })
}

async function refusalOf(answer: Response): Promise<readonly unknown[]> {
  const text = await answer.text()
  const element = (name: string): string | undefined =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]?.replaceAll('&quot;', '"')
  return [answer.status, element('Code'), element('Message')]
}

async function contentOf(Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()
}

test('what a form brings is an object, as PutObject would have made it', async () => {
  const Fields = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Disposition': 'inline',
    'Cache-Control': 'no-cache',
    'x-amz-meta-Author': 'Jürgen',
    'x-amz-storage-class': 'STANDARD',
    acl: 'bucket-owner-full-control',
    tagging: '<Tagging><TagSet><Tag><Key>a b</Key><Value>ü+</Value></Tag></TagSet></Tagging>',
  }
  const form = await sign({ Key: 'whole', Fields })
  const answer = await send(form, { body: 'hello', more: { 'x-ignore-this': 'x' } })
  assert.equal(answer.status, 204, await answer.text())
  assert.equal(answer.headers.get('location'), `${server.url}/${Bucket}/whole`)
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'whole' }))
  assert.equal(head.ETag, answer.headers.get('etag'))
  assert.equal(head.ContentType, Fields['Content-Type'])
  assert.equal(head.ContentDisposition, 'inline')
  assert.equal(head.CacheControl, 'no-cache')
  assert.equal(head.Metadata?.['author'], `=?UTF-8?B?${Buffer.from('Jürgen').toString('base64')}?=`)
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'whole' }))
  assert.deepEqual(TagSet, [{ Key: 'a b', Value: 'ü+' }])
  assert.equal(await contentOf('whole'), 'hello')
})

test('a large file passes unchanged', async () => {
  const body = new Uint8Array(9_000_001).map((_, at) => (at * 31 + (at >> 8)) & 255)
  const form = await sign({ Key: 'large', Conditions: [['content-length-range', 1, 9_000_001]] })
  assert.equal((await send(form, { body })).status, 204)
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }))
  assert.ok(Buffer.from(body).equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)))
})

test('the key takes the name of the file', async () => {
  const form = await sign({
    Key: 'user/${filename}',
    Conditions: [['starts-with', '$key', 'user/']],
  })
  const answer = await send(form, { body: 'named', fileName: 'C:\\dir\\ä b.txt' })
  assert.equal(answer.status, 204, await answer.text())
  assert.equal(await contentOf('user/ä b.txt'), 'named')
})

async function ask(field: string, value: string): Promise<Response> {
  return send(await sign({ Key: 'a/ü &', Fields: { [field]: value } }), { body: 'x' })
}

test('the form says how it is answered', async () => {
  assert.equal((await ask('success_action_status', '200')).status, 200)
  assert.equal((await ask('success_action_status', '404')).status, 204)
  const created = await ask('success_action_status', '201')
  const location = `${server.url}/${Bucket}/a/%C3%BC%20%26`
  assert.equal(created.status, 201)
  const text = await created.text()
  assert.ok(
    text.includes(`<PostResponse><Location>${location}</Location><Bucket>${Bucket}</Bucket>`),
  )
  assert.match(text, /<Key>a\/ü &amp;<\/Key><ETag>&quot;[0-9a-f]{32}&quot;<\/ETag><\/PostResponse>/)
  assert.equal((await fetch(location)).status, 403)
  for (const field of ['success_action_redirect', 'redirect']) {
    const answer = await ask(field, 'https://example.com/done?a=b')
    const target = new URL(answer.headers.get('location') ?? '')
    assert.equal(answer.status, 303)
    assert.equal(target.origin + target.pathname, 'https://example.com/done')
    assert.deepEqual(
      [...target.searchParams],
      [
        ['a', 'b'],
        ['bucket', Bucket],
        ['key', 'a/ü &'],
        ['etag', answer.headers.get('etag')],
      ],
    )
  }
  assert.equal((await ask('success_action_redirect', 'javascript:alert(1)')).status, 204)
})

async function sendWithChecksum(value: string): Promise<Response> {
  const Fields = { 'x-amz-checksum-crc32': value }
  return send(await sign({ Key: 'sum', Fields }), { body: 'hello' })
}

test('a checksum of the file is compared', async () => {
  assert.deepEqual((await refusalOf(await sendWithChecksum('AAAAAA=='))).slice(0, 2), [
    400,
    'BadDigest',
  ])
  await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key: 'sum' })), 404)
  const answer = await sendWithChecksum('NhCmhg==')
  assert.deepEqual([answer.status, answer.headers.get('x-amz-checksum-crc32')], [204, 'NhCmhg=='])
})

test('a file of another size than allowed is refused, and nothing of it is kept', async () => {
  const form = await sign({ Key: 'sized', Conditions: [['content-length-range', 3, 100_000]] })
  const small = await send(form, { body: 'ab' })
  assert.deepEqual(await refusalOf(small), [
    400,
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
  ])
  const large = await send(form, { body: 'x'.repeat(100_001) })
  assert.deepEqual(await refusalOf(large), [
    400,
    'EntityTooLarge',
    'Your proposed upload exceeds the maximum allowed size',
  ])
  await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key: 'sized' })), 404)
  assert.equal((await send(form, { body: 'x'.repeat(100_000) })).status, 204)
})

test('a form that its policy does not allow is refused', async () => {
  const form = await sign({ Key: 'allowed', Fields: { 'Content-Type': 'text/plain' } })
  const change = (more: Readonly<Record<string, string>>) => send(form, { body: 'x', more })
  const denied = [403, 'AccessDenied'] as const
  assert.deepEqual(await refusalOf(await change({ key: 'other' })), [
    ...denied,
    'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "allowed"]',
  ])
  assert.deepEqual(await refusalOf(await change({ 'x-amz-meta-extra': 'x' })), [
    ...denied,
    'Invalid according to Policy: Extra input fields: x-amz-meta-extra',
  ])
  const elsewhere = freshName('elsewhere')
  await s3.send(new CreateBucketCommand({ Bucket: elsewhere }))
  const url = form.url.replace(Bucket, elsewhere)
  const [, code] = await refusalOf(await send({ ...form, url }, { body: 'x' }))
  assert.equal(code, 'AccessDenied')
  const late = await sign({ Key: 'allowed', Expires: -1 })
  assert.deepEqual(await refusalOf(await send(late, { body: 'x' })), [
    ...denied,
    'Invalid according to Policy: Policy expired.',
  ])
  await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key: 'allowed' })), 404)
})

test('a signature that is wrong in any way is refused', async () => {
  const form = await sign({ Key: 'proved' })
  const change = async (more: Readonly<Record<string, string>>) =>
    refusalOf(await send(form, { body: 'x', more }))
  const policy = Buffer.from(form.fields['Policy'] ?? '', 'base64').toString()
  const forged = Buffer.from(policy.replace('proved', 'forged')).toString('base64')
  const mismatch = [403, 'SignatureDoesNotMatch']
  assert.deepEqual((await change({ Policy: forged, key: 'forged' })).slice(0, 2), mismatch)
  assert.deepEqual((await change({ 'X-Amz-Signature': '0' })).slice(0, 2), mismatch)
  const credential = form.fields['X-Amz-Credential'] ?? ''
  const another = credential.replace(server.accessKey, 'nobody')
  assert.deepEqual((await change({ 'X-Amz-Credential': another })).slice(0, 2), [
    403,
    'InvalidAccessKeyId',
  ])
  assert.deepEqual(await change({ 'X-Amz-Credential': 'nobody' }), [
    400,
    'InvalidArgument',
    'the Credential is mal-formed; expecting ' +
      '"&lt;YOUR-AKID&gt;/YYYYMMDD/REGION/SERVICE/aws4_request".',
  ])
  assert.deepEqual((await change({ 'X-Amz-Algorithm': 'AWS4' })).slice(0, 2), [
    400,
    'InvalidArgument',
  ])
  assert.deepEqual((await change({ 'X-Amz-Security-Token': 'x' })).slice(0, 2), [
    400,
    'InvalidToken',
  ])
  const { 'X-Amz-Signature': _, ...unsigned } = form.fields
  assert.deepEqual(await refusalOf(await send({ ...form, fields: unsigned }, { body: 'x' })), [
    400,
    'InvalidArgument',
    "Bucket POST must contain a field named 'x-amz-signature'.  If it is specified, please " +
      'check the order of the fields.',
  ])
  await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key: 'proved' })), 404)
})

test('a form that nobody signed is welcome where everybody may write', async () => {
  const open = { url: `${server.url}/${Bucket}`, fields: { key: 'public/note' } }
  const [status, code] = await refusalOf(await send(open, { body: 'x' }))
  assert.deepEqual([status, code], [403, 'AccessDenied'])
  const Resource = `arn:aws:s3:::${Bucket}/public/*`
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource }]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  assert.equal((await send(open, { body: 'from nobody' })).status, 204)
  assert.equal(await contentOf('public/note'), 'from nobody')
  const private_ = await send({ ...open, fields: { key: 'private' } }, { body: 'x' })
  assert.equal(private_.status, 403)
})

test('what is no form, or has no key or file, is refused', async () => {
  const url = `${server.url}/${Bucket}`
  const post = async (body: string | FormData, headers: Readonly<Record<string, string>> = {}) =>
    refusalOf(await fetch(url, { method: 'POST', body, headers }))
  assert.deepEqual((await post('x')).slice(0, 2), [412, 'PreconditionFailed'])
  const type = { 'content-type': 'multipart/form-data' }
  assert.deepEqual((await post('x', type)).slice(0, 2), [400, 'MalformedPOSTRequest'])
  const form = new FormData()
  form.append('file', new Blob(['x']))
  const [, , message] = await post(form)
  assert.match(String(message), /must contain a field named 'key'/)
  const empty = new FormData()
  empty.append('key', 'k')
  assert.deepEqual(await post(empty), [
    400,
    'InvalidArgument',
    'POST requires exactly one file upload per request.',
  ])
  empty.append('x-amz-meta-large', 'x'.repeat(21_000))
  empty.append('file', new Blob(['x']))
  assert.deepEqual((await post(empty)).slice(0, 2), [400, 'MaxPostPreDataLengthExceededError'])
  const odd = new FormData()
  odd.append('key', 'k')
  odd.append('tagging', '<Tagging>')
  odd.append('file', new Blob(['x']))
  assert.deepEqual((await post(odd)).slice(0, 2), [400, 'MalformedXML'])
})
