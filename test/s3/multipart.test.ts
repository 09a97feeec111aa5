// Multipart uploads, by hand and as lib-storage makes them.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

const PART_SIZE = 5 * 1024 * 1024

let server: S3Server
let s3: S3Client
const Bucket = freshName('multipart')

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

async function begin(
  Key: string,
  more: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const command = new CreateMultipartUploadCommand({ Bucket, Key, ...more })
  const { UploadId } = await s3.send(command)
  assert.ok(UploadId)
  return UploadId
}

type PartOf = { readonly Key: string; readonly UploadId: string; readonly PartNumber: number }

const putPart = (part: PartOf, body: Uint8Array | string, more = {}) =>
  s3.send(new UploadPartCommand({ Bucket, ...part, Body: Buffer.from(body), ...more }))

type Completion = Pick<CompleteMultipartUploadCommandInput, 'Key' | 'UploadId'>
type Parts = NonNullable<CompleteMultipartUploadCommandInput['MultipartUpload']>['Parts']

const complete = (name: Completion, Parts: Parts, more = {}) =>
  s3.send(
    new CompleteMultipartUploadCommand({ Bucket, ...name, MultipartUpload: { Parts }, ...more }),
  )

test('lib-storage uploads a stream of unknown length, and it comes back whole', async () => {
  const body = randomBytes(2 * PART_SIZE + 12_345)
  const pieces = Array.from({ length: 11 }, (_, at) => body.subarray(at * 1e6, (at + 1) * 1e6))
  const params = { Bucket, Key: 'streamed', Body: Readable.from(pieces) }
  await new Upload({ client: s3, params, queueSize: 3, partSize: PART_SIZE }).done()
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'streamed' }))
  assert.match(got.ETag ?? '', /^"[0-9a-f]{32}-3"$/)
  assert.ok(body.equals(Buffer.from((await got.Body?.transformToByteArray()) ?? [])))
})

test('parts in any order make the object, its headers come from the beginning', async () => {
  const Key = 'by-hand'
  const more = { ContentType: 'text/x', Metadata: { a: 'b' }, Tagging: 'c=d' }
  const UploadId = await begin(Key, more)
  const two = await putPart({ Key, UploadId, PartNumber: 7 }, 'end')
  const one = await putPart({ Key, UploadId, PartNumber: 2 }, Buffer.alloc(PART_SIZE, 'x'))
  const done = await complete({ Key, UploadId }, [
    { PartNumber: 2, ETag: one.ETag },
    { PartNumber: 7, ETag: two.ETag?.replaceAll('"', '') },
  ])
  const digests = [one, two].map(({ ETag = '' }) => Buffer.from(ETag.replaceAll('"', ''), 'hex'))
  const etag = createHash('md5').update(Buffer.concat(digests)).digest('hex')
  assert.equal(done.ETag, `"${etag}-2"`)
  assert.equal(done.Key, Key)
  assert.ok(done.Location?.endsWith(`/${Bucket}/${Key}`))
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key }))
  assert.equal(head.ContentLength, PART_SIZE + 3)
  assert.equal(head.ContentType, 'text/x')
  assert.deepEqual(head.Metadata, { a: 'b' })
})

test('a completed object is read by part', async () => {
  const Key = 'parts'
  const UploadId = await begin(Key)
  const one = await putPart({ Key, UploadId, PartNumber: 1 }, Buffer.alloc(PART_SIZE, 'x'))
  const two = await putPart({ Key, UploadId, PartNumber: 2 }, 'tail')
  const Parts = [one, two].map(({ ETag }, at) => ({ PartNumber: at + 1, ETag }))
  await complete({ Key, UploadId }, Parts)
  const part = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }))
  assert.equal(part.$metadata.httpStatusCode, 206)
  assert.equal(part.PartsCount, 2)
  assert.equal(part.ContentRange, `bytes ${PART_SIZE}-${PART_SIZE + 3}/${PART_SIZE + 4}`)
  assert.equal(await part.Body?.transformToString(), 'tail')
  const third = s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 3 }))
  await assertRefused(third, 416, 'InvalidPartNumber')
  const both = new GetObjectCommand({ Bucket, Key, PartNumber: 1, Range: 'bytes=0-1' })
  await assertRefused(s3.send(both), 400, 'InvalidRequest')
})

test('checksums of parts are composed, or combined over the whole object', async () => {
  const bodies = [Buffer.alloc(PART_SIZE, 'a'), Buffer.from('b')]
  for (const ChecksumType of ['COMPOSITE', 'FULL_OBJECT'] as const) {
    const Key = `sum-${ChecksumType}`
    const UploadId = await begin(Key, { ChecksumAlgorithm: 'CRC32', ChecksumType })
    const Parts = []
    for (const [at, body] of bodies.entries()) {
      const PartNumber = at + 1
      const more = { ChecksumAlgorithm: 'CRC32' }
      const { ETag, ChecksumCRC32 } = await putPart({ Key, UploadId, PartNumber }, body, more)
      Parts.push({ PartNumber, ETag, ChecksumCRC32 })
    }
    const done = await complete({ Key, UploadId }, Parts)
    const whole = new PutObjectCommand({ Bucket, Key: 'whole', Body: Buffer.concat(bodies) })
    const { ChecksumCRC32 } = await s3.send(whole)
    assert.equal(done.ChecksumType, ChecksumType)
    if (ChecksumType === 'FULL_OBJECT') assert.equal(done.ChecksumCRC32, ChecksumCRC32)
    else assert.match(done.ChecksumCRC32 ?? '', /-2$/)
    const attributes = await s3.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key,
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'ObjectSize', 'StorageClass'],
      }),
    )
    assert.equal(attributes.ObjectSize, PART_SIZE + 1)
    assert.equal(attributes.Checksum?.ChecksumCRC32, done.ChecksumCRC32)
    assert.deepEqual(
      attributes.ObjectParts?.Parts?.map(({ Size }) => Size),
      [PART_SIZE, 1],
    )
  }
})

test('checksum types that cannot be are refused', async () => {
  const impossible = [
    { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' },
    { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' },
  ] as const
  for (const more of impossible) await assertRefused(begin('x', more), 400, 'InvalidRequest')
})

test('completing again gives the same answer', async () => {
  const Key = 'again'
  const UploadId = await begin(Key)
  const { ETag } = await putPart({ Key, UploadId, PartNumber: 1 }, 'x')
  const first = await complete({ Key, UploadId }, [{ PartNumber: 1, ETag }])
  const second = await complete({ Key, UploadId }, [{ PartNumber: 1, ETag }])
  assert.equal(second.ETag, first.ETag)
})

test('an upload is completed under a condition', async () => {
  const Key = 'conditional'
  const UploadId = await begin(Key)
  const { ETag } = await putPart({ Key, UploadId, PartNumber: 1 }, 'x')
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from('first') }))
  const Parts = [{ PartNumber: 1, ETag }]
  const refused = complete({ Key, UploadId }, Parts, { IfNoneMatch: '*' })
  await assertRefused(refused, 412, 'PreconditionFailed')
  await complete({ Key, UploadId }, Parts, { IfMatch: '*' })
})

test('a completion that does not fit its parts is refused', async () => {
  const Key = 'misfit'
  const UploadId = await begin(Key)
  const one = await putPart({ Key, UploadId, PartNumber: 1 }, 'small')
  const two = await putPart({ Key, UploadId, PartNumber: 2 }, 'last')
  const [first, last] = [one, two].map(({ ETag }, at) => ({ PartNumber: at + 1, ETag }))
  assert.ok(first && last)
  const name = { Key, UploadId }
  await assertRefused(complete(name, [first, last]), 400, 'EntityTooSmall')
  await assertRefused(complete(name, [last, first]), 400, 'InvalidPartOrder')
  await assertRefused(complete(name, [{ ...first, ETag: 'other' }]), 400, 'InvalidPart')
  await assertRefused(complete(name, [{ ...first, PartNumber: 9 }]), 400, 'InvalidPart')
  await assertRefused(complete(name, []), 400, 'MalformedXML')
  await assertRefused(complete(name, [last], { MpuObjectSize: 99 }), 400, 'InvalidArgument')
  await assertRefused(complete(name, [last], { MpuObjectSize: -1 }), 400, 'InvalidRequest')
  const ChecksumSHA256 = Buffer.alloc(32).toString('base64')
  await assertRefused(complete(name, [last], { ChecksumSHA256 }), 400, 'InvalidRequest')
  const nowhere = { Key, UploadId: 'f'.repeat(32) }
  await assertRefused(complete(nowhere, [last]), 404, 'NoSuchUpload')
})

test('part numbers are 1 to 10,000', async () => {
  const Key = 'numbers'
  const UploadId = await begin(Key)
  for (const PartNumber of [0, 10_001]) {
    await assertRefused(putPart({ Key, UploadId, PartNumber }, 'x'), 400, 'InvalidArgument')
  }
  await putPart({ Key, UploadId, PartNumber: 10_000 }, 'x')
})

test('parts are listed page by page', async () => {
  const Key = 'listed'
  const UploadId = await begin(Key)
  for (const PartNumber of [1, 3, 5]) await putPart({ Key, UploadId, PartNumber }, `${PartNumber}`)
  const first = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }))
  assert.deepEqual(
    first.Parts?.map(({ PartNumber }) => PartNumber),
    [1, 3],
  )
  assert.equal(first.IsTruncated, true)
  const { NextPartNumberMarker } = first
  assert.equal(NextPartNumberMarker, '3')
  const rest = await s3.send(
    new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker: NextPartNumberMarker }),
  )
  assert.deepEqual(
    rest.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [[5, 1]],
  )
  assert.equal(rest.IsTruncated, false)
})

test('uploads are listed until they are completed or aborted', async () => {
  const Prefix = 'open/'
  const ids = []
  for (const name of ['a', 'a', 'b/c', 'd']) ids.push(await begin(Prefix + name))
  const list = (more = {}) => s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...more }))
  const all = await list()
  assert.deepEqual(
    all.Uploads?.map(({ Key }) => Key),
    ['open/a', 'open/a', 'open/b/c', 'open/d'],
  )
  const folded = await list({ Delimiter: '/' })
  assert.deepEqual(
    folded.CommonPrefixes?.map(({ Prefix: name }) => name),
    ['open/b/'],
  )
  const first = await list({ MaxUploads: 1 })
  const rest = await list({
    KeyMarker: first.NextKeyMarker,
    UploadIdMarker: first.NextUploadIdMarker,
  })
  assert.deepEqual(
    [...(first.Uploads ?? []), ...(rest.Uploads ?? [])].map(({ UploadId }) => UploadId),
    all.Uploads?.map(({ UploadId }) => UploadId),
  )
  const abort = { Bucket, Key: 'open/d', UploadId: ids[3] }
  await s3.send(new AbortMultipartUploadCommand(abort))
  await assertRefused(s3.send(new AbortMultipartUploadCommand(abort)), 404, 'NoSuchUpload')
  assert.equal((await list()).Uploads?.length, 3)
})

test('parts are copied from objects, whole or a range of them', async () => {
  const body = randomBytes(PART_SIZE + 10)
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source of parts', Body: body }))
  const Key = 'copied'
  const UploadId = await begin(Key)
  const CopySource = `${Bucket}/source%20of%20parts`
  const copy = (PartNumber: number, CopySourceRange?: string) =>
    s3.send(
      new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber, CopySource, CopySourceRange }),
    )
  const one = await copy(1)
  const two = await copy(2, `bytes=5-${PART_SIZE + 9}`)
  const Parts = [one, two].map(({ CopyPartResult }, at) => ({
    PartNumber: at + 1,
    ETag: CopyPartResult?.ETag,
  }))
  await complete({ Key, UploadId }, Parts)
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }))
  const expected = Buffer.concat([body, body.subarray(5)])
  assert.ok(expected.equals(Buffer.from((await got.Body?.transformToByteArray()) ?? [])))
  const open = await begin('copied again')
  const outside = s3.send(
    new UploadPartCopyCommand({
      Bucket,
      Key: 'copied again',
      UploadId: open,
      PartNumber: 1,
      CopySource,
      CopySourceRange: 'bytes=0-99999999',
    }),
  )
  await assertRefused(outside, 416, 'InvalidRange')
  await assertRefused(copy(3, 'bytes=5-'), 400, 'InvalidArgument')
})
