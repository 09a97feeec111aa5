// Whoever kept an upload open while the bucket was deleted and its name became another account's
// could write into the other's bucket; and with a policy, take it over.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect, type Socket } from 'node:net'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketPolicyCommand,
  ListObjectsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { rootOf } from '../../src/services/access/caller.ts'
import { assertRefused } from '../s3/assert-refused.ts'
import { isForeign, type S3Server, startS3Server } from '../s3/s3-server.ts'
import { type Draft, draftFor, signInHeader, targetOf } from '../s3/signing.ts'

let server: S3Server
let other: S3Client
const skip = isForeign && 'the accounts exist only in this process'

before(async () => {
  const keys = { accessKeyId: 'other', secretAccessKey: 'other-secret' }
  const caller = rootOf('222222222222')
  server = await startS3Server({ callers: { other: { secret: keys.secretAccessKey, caller } } })
  other = server.client({ credentials: keys })
})
after(() => server.stop())

/** The head of a request, and its body but for the last byte, are sent. */
async function sendMost(changes: Partial<Draft>, body: string): Promise<Socket> {
  const { host, hostname, port } = new URL(server.url)
  const draft = draftFor(server, '', {
    method: 'PUT',
    query: [],
    headers: { host, 'content-length': String(body.length) },
    ...changes,
  })
  const lines = Object.entries(signInHeader(draft)).map(([name, value]) => `${name}: ${value}\r\n`)
  const socket = connect(Number(port), hostname)
  socket.write(`PUT ${targetOf(draft)} HTTP/1.1\r\n${lines.join('')}\r\n${body.slice(0, -1)}`)
  await new Promise((resolve) => setTimeout(resolve, 300))
  return socket
}

/** The rest is sent after the bucket became the other account's. */
async function finishLate(socket: Socket, last: string, Bucket: string): Promise<string> {
  await server.client().send(new DeleteBucketCommand({ Bucket }))
  await other.send(new CreateBucketCommand({ Bucket }))
  const answer = new Promise<string>((resolve) =>
    socket.once('data', (data) => resolve(String(data))),
  )
  socket.write(last)
  return answer.finally(() => socket.destroy())
}

test('an object that comes late is not written into the bucket of another', { skip }, async () => {
  const Bucket = 'late-object'
  await server.client().send(new CreateBucketCommand({ Bucket }))
  const socket = await sendMost({ path: `/${Bucket}/key` }, 'hello world')
  assert.match(await finishLate(socket, 'd', Bucket), /^HTTP\/1\.1 404 /)
  assert.equal((await other.send(new ListObjectsCommand({ Bucket }))).Contents, undefined)
})

test('a policy that comes late is not put on the bucket of another', { skip }, async () => {
  const Bucket = 'late-policy'
  await server.client().send(new CreateBucketCommand({ Bucket }))
  const Resource = `arn:aws:s3:::${Bucket}`
  const Statement = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource }
  const body = JSON.stringify({ Version: '2012-10-17', Statement })
  const socket = await sendMost({ path: `/${Bucket}`, query: [['policy', '']] }, body)
  assert.match(await finishLate(socket, '}', Bucket), /^HTTP\/1\.1 404 /)
  await assertRefused(other.send(new GetBucketPolicyCommand({ Bucket })), 404, 'NoSuchBucketPolicy')
})
