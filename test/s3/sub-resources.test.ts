// Every sub-resource that AWS has, with every method: nothing falls through to a plainer operation.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { exchange, type RawAnswer, signedHead } from './raw-exchange.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

type AwsOperation = {
  readonly name: string
  readonly method: string
  readonly on: 'service' | 'bucket' | 'object'
  readonly query: string
}
const fixture = new URL('../fixtures/s3-operations.json', import.meta.url)
const aws: { readonly operations: readonly AwsOperation[] } = JSON.parse(
  readFileSync(fixture, 'utf8'),
)
const OPERATIONS = aws.operations.filter(({ query }) => query !== '')
const SUB_RESOURCES = [...new Set(OPERATIONS.map(({ query }) => query))]
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'] as const

let server: S3Server
let s3: S3Client
let Bucket: string

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  Bucket = freshName('walked')
  await s3.send(new CreateBucketCommand({ Bucket }))
  const Metadata = { made: 'before' }
  const Body = Buffer.from('text')
  await s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body, Metadata, Tagging: 'a=b' }))
})
after(() => server.stop())

type Asked = { readonly method: string; readonly on: 'bucket' | 'object'; readonly query: string }

function ask({ method, on, query }: Asked): Promise<RawAnswer> {
  const target = `/${Bucket}${on === 'object' ? '/key' : ''}?${query}`
  const headers = { 'content-length': '0' }
  return exchange(server, { pieces: [signedHead(server, { method, target, headers })] })
}

/** What AWS calls it: several where parameters tell them apart, none for what it has not. */
function namesOf({ method, on, query }: Asked): readonly string[] {
  return OPERATIONS.filter(
    (operation) => operation.method === method && operation.on === on && operation.query === query,
  ).map(({ name }) => name)
}

function errorCodeOf({ body }: RawAnswer): string | undefined {
  return /<Code>(\w+)<\/Code>/.exec(body)?.[1]
}

function assertAnswered(asked: Asked, answer: RawAnswer): void {
  const names = namesOf(asked)
  if (names.length === 0) {
    assert.equal(answer.status, 405, answer.whole)
    assert.equal(errorCodeOf(answer), asked.method === 'HEAD' ? undefined : 'MethodNotAllowed')
    return
  }
  assert.ok(![405, 500].includes(answer.status), answer.whole)
  if (answer.status !== 501) return
  assert.equal(errorCodeOf(answer), 'NotImplemented')
  assert.ok(
    names.some((name) => answer.body.includes(`implement ${name}.`)),
    answer.whole,
  )
}

test('every sub-resource answers as itself, whatever the method, and none as the plain form', async () => {
  let answered = 0
  for (const query of SUB_RESOURCES) {
    for (const method of METHODS) {
      for (const on of ['bucket', 'object'] as const) {
        const asked = { method, on, query }
        assertAnswered(asked, await ask(asked))
        answered += 1
      }
    }
  }
  assert.ok(answered > 400, `only ${answered} were asked`)
  const name = { Bucket, Key: 'key' }
  const object = await s3.send(new GetObjectCommand(name))
  assert.equal(await object.Body?.transformToString(), 'text')
  assert.deepEqual(object.Metadata, { made: 'before' })
  assert.equal((await s3.send(new GetObjectAclCommand(name))).Grants?.length, 1)
  const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  assert.deepEqual([Versions?.length, DeleteMarkers], [1, undefined])
})
