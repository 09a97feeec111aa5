// URLs that carry their own signature.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('presigned')

before(async () => {
  server = await startS3Server()
  s3 = server.client({
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

const sign = (command: GetObjectCommand | PutObjectCommand | HeadObjectCommand, expiresIn = 60) =>
  getSignedUrl(s3, command, { expiresIn })

test('whoever has the URL can put and get', async () => {
  const Key = 'a b/ü+c'
  const put = await fetch(await sign(new PutObjectCommand({ Bucket, Key })), {
    method: 'PUT',
    body: 'hello',
  })
  assert.equal(put.status, 200, await put.text())
  const get = await fetch(await sign(new GetObjectCommand({ Bucket, Key })))
  assert.equal(await get.text(), 'hello')
  const head = await fetch(await sign(new HeadObjectCommand({ Bucket, Key })), { method: 'HEAD' })
  assert.equal(head.headers.get('content-length'), '5')
})

test('the URL may say how the answer looks', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'report', Body: Buffer.from('x') }))
  const ResponseContentDisposition = 'attachment; filename="r.txt"'
  const url = await sign(
    new GetObjectCommand({ Bucket, Key: 'report', ResponseContentDisposition }),
  )
  const answer = await fetch(url)
  assert.equal(answer.headers.get('content-disposition'), ResponseContentDisposition)
})

async function code(url: string, init: RequestInit = {}): Promise<readonly unknown[]> {
  const answer = await fetch(url, init)
  return [answer.status, /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1]]
}

test('a URL counts for what was signed and no longer', async () => {
  const command = new GetObjectCommand({ Bucket, Key: 'report' })
  const url = await sign(command, 60)
  assert.deepEqual(await code(url.replace('report', 'other')), [403, 'SignatureDoesNotMatch'])
  assert.deepEqual(await code(url, { method: 'DELETE' }), [403, 'SignatureDoesNotMatch'])
  assert.deepEqual(await code(`${url}&versionId=1`), [403, 'SignatureDoesNotMatch'])
  // Times in signatures have no fractions: a second may be over at once.
  const brief = await sign(command, 1)
  await new Promise((resolve) => setTimeout(resolve, 2100))
  assert.deepEqual(await code(brief), [403, 'AccessDenied'])
})
