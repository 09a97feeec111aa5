// What was signed for one bucket was answered from another, when host and path name buckets.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { parsePublicUrl } from '../../src/protocols/http/proxy/public-url.ts'
import { isForeign, type S3Server, startS3Server } from '../s3/s3-server.ts'
import { draftFor, send, signInQuery, targetOf } from '../s3/signing.ts'

let server: S3Server
const skip = isForeign && 'the domain is configured in this process'
const DOMAIN = 's3.example.com'
const PUBLIC_HOST = 'files.example.com'

before(async () => {
  const publicUrl = parsePublicUrl(`https://${PUBLIC_HOST}`)
  const domains = [DOMAIN]
  server = await startS3Server({
    site: { domains, publicUrl },
    authentication: { domains, publicUrl },
  })
  const s3 = server.client()
  for (const Bucket of ['signed', 'other']) {
    await s3.send(new CreateBucketCommand({ Bucket }))
    for (const Key of ['signed/key', 'other/signed/key', 'key']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: `${Bucket}: ${Key}` }))
    }
  }
})
after(() => server.stop())

function presign(host: string, path: string): string {
  const draft = draftFor(server, '', { path, query: [], headers: { host } })
  return targetOf({ path, query: signInQuery(draft) })
}

test(
  'a URL for the public address does not count at a bucket of its own host',
  { skip },
  async () => {
    const target = presign(PUBLIC_HOST, '/signed/key')
    const right = await send(server, { target, headers: { host: 'localhost' } })
    assert.equal(right.body, 'signed: key')
    const wrong = await send(server, { target, headers: { host: `other.${DOMAIN}` } })
    assert.match(wrong.body, /SignatureDoesNotMatch/)
  },
)

test('a target that names another host than was signed does not count', { skip }, async () => {
  const host = `signed.${DOMAIN}`
  const target = presign(host, '/other/signed/key')
  const right = await send(server, { target: `http://${host}${target}`, headers: { host } })
  assert.equal(right.body, 'signed: other/signed/key')
  const wrong = await send(server, { target: `http://${DOMAIN}${target}`, headers: { host } })
  assert.match(wrong.body, /SignatureDoesNotMatch/)
})

test(
  'a host that ends with the dot of the root names its bucket all the same',
  { skip },
  async () => {
    const host = `signed.${DOMAIN}.`
    const answer = await send(server, { target: presign(host, '/key'), headers: { host } })
    assert.equal(answer.body, 'signed: key')
  },
)
