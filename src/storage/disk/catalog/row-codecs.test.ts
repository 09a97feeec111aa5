import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Change } from '../../change-feed.ts'
import type { StoredDocument } from '../../object-store.ts'
import type { ObjectVersion } from '../../object-version.ts'
import { decodeCurrentRow, decodeCurrentSequence, encodeCurrentRow } from './current-row.ts'
import {
  decodeBlobRow,
  decodeBodyNumbers,
  decodeBucketRow,
  decodeChange,
  decodeCompletion,
  decodeDocument,
  decodeLiveBytes,
  decodePartRow,
  decodePartsOf,
  decodePlace,
  decodeUploadRow,
  decodeVersionRow,
  encodeBlobRow,
  encodeBodyNumbers,
  encodeBucketRow,
  encodeChange,
  encodeCompletion,
  encodeDocument,
  encodeLiveBytes,
  encodePartRow,
  encodePartsOf,
  encodePlace,
  encodeUploadRow,
  encodeVersionRow,
} from './row-codecs.ts'
import type { BlobRow, BucketRow, PartOfBody, PartRow, UploadRow, VersionRow } from './rows.ts'

/** Rows of format version 1 as they lie on disk; once released they never change. */
const GOLDEN: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/catalog-v1/rows.json', import.meta.url), 'utf8'),
)

const AT = new Date('2026-01-02T03:04:05.678Z')
const UNTIL = new Date('2027-01-01T00:00:00.000Z')
const PLACE = { bucket: 'models', key: 'résumé/\0' } as const
const SEQUENCE = 0x1886d3b51f2c4e00n

const PLAIN: ObjectVersion = {
  ...PLACE,
  versionId: 'null',
  sequence: SEQUENCE,
  modifiedAt: AT,
  deleteMarker: false,
  owner: 'alice',
  size: 5,
  etag: '5d41402abc4b2a76b9719d911017c592',
  headers: {},
  metadata: [],
  tags: [],
  storageClass: 'STANDARD',
  legalHold: false,
}

const FULL: ObjectVersion = {
  ...PLAIN,
  versionId: '1886d3b51f2c4e000123456789abcdef',
  size: 10_485_760,
  etag: '9b2cf535f27731c974343645a3985328-2',
  checksum: { algorithm: 'CRC64NVME', type: 'full-object', value: 'BQ4zkn/rO1E=' },
  headers: { contentType: 'text/plain', cacheControl: 'no-cache', expires: 'never' },
  metadata: [
    ['__proto__', 'kept'],
    ['author', 'Ada'],
  ],
  tags: [['stage', 'beta']],
  retention: { mode: 'COMPLIANCE', until: UNTIL },
  legalHold: true,
  acl: '<acl/>',
  partCount: 2,
}

const BUCKET: BucketRow = {
  id: 7,
  name: 'models',
  createdAt: AT,
  owner: 'alice',
  versioning: 'enabled',
  objectLock: true,
}

const MARKER: VersionRow = {
  entry: {
    ...PLACE,
    deleteMarker: true,
    versionId: 'null',
    sequence: SEQUENCE,
    modifiedAt: AT,
    owner: 'alice',
  },
  body: undefined,
  manifest: undefined,
}

const DOCUMENT: StoredDocument = { name: 'policy', content: '{"Version":"x"}', modifiedAt: AT }

const INLINE: BlobRow = {
  references: 1,
  size: 6,
  place: { kind: 'inline', bytes: Buffer.from('a\nb{}\0'), crc32c: 305_419_896 },
}
const SEGMENT_PLACE = { kind: 'segment', segment: 3, offset: 4096, length: 70_000 } as const

const PARTS: readonly PartOfBody[] = [
  { partNumber: 1, size: 5_242_880, body: 0x1fn },
  {
    partNumber: 3,
    size: 5_242_880,
    checksum: { algorithm: 'CRC32', type: 'full-object', value: 'NSRBwg==' },
    body: 0x20n,
  },
]

const UPLOAD: UploadRow = {
  ...PLACE,
  uploadId: '00112233445566778899aabbccddeeff',
  begunAt: AT,
  initiator: { account: 'bob', identity: 'root' },
  newVersion: {
    owner: 'alice',
    headers: { contentType: 'text/plain' },
    metadata: [['author', 'Ada']],
    tags: [],
    storageClass: 'STANDARD',
    retention: { mode: 'GOVERNANCE', until: UNTIL },
    legalHold: true,
  },
  checksum: { algorithm: 'SHA256', type: 'composite' },
}

const PART: PartRow = {
  partNumber: 3,
  size: 5_242_880,
  etag: '5f363e0e58a95f06cbe9bbc662c5dfb6',
  modifiedAt: AT,
  body: 0x20n,
  manifest: 0x21n,
}

const CHANGE: Change = {
  formatVersion: 1,
  sequence: SEQUENCE,
  at: AT,
  operation: 'Put',
  ...PLACE,
  versionId: 'null',
  size: 5,
  etag: PLAIN.etag,
  storageClass: 'STANDARD',
  metadata: [],
  tags: [],
  contentType: 'text/plain',
  origin: {
    account: 'alice',
    identity: 'root',
    requestId: 'r1',
    sourceAddress: '127.0.0.1',
    userAgent: 'boto3',
    ancestry: ['r0'],
  },
}

/** Each row in memory, and how it goes to disk and comes back. */
const ROWS: Readonly<Record<string, readonly [row: unknown, bytes: Buffer, back: Decode]>> = {
  bucket: [BUCKET, encodeBucketRow(BUCKET), (bytes) => decodeBucketRow('models', bytes)],
  'version, plain': versionRow({ entry: PLAIN, body: 0x1fn, manifest: undefined }),
  'version, with everything': versionRow({ entry: FULL, body: 0x22n, manifest: 0x23n }),
  'version, marker': versionRow(MARKER),
  'blob, inline': [INLINE, encodeBlobRow(INLINE), decodeBlobRow],
  'blob, segment': blobRow({ references: 2, size: 65_536, place: SEGMENT_PLACE }),
  'blob, file': blobRow({ references: 1, size: 1_048_576, place: { kind: 'file' } }),
  'blob, parts': blobRow({ references: 1, size: 10_485_760, place: { kind: 'parts' } }),
  'parts-of': [PARTS, encodePartsOf(PARTS), decodePartsOf],
  garbage: [SEGMENT_PLACE, encodePlace(SEGMENT_PLACE), decodePlace],
  segment: [123_456, encodeLiveBytes(123_456), decodeLiveBytes],
  document: [DOCUMENT, encodeDocument(DOCUMENT), (bytes) => decodeDocument('policy', bytes)],
  upload: [UPLOAD, encodeUploadRow(UPLOAD), (bytes) => decodeUploadRow(UPLOAD, bytes)],
  part: [PART, encodePartRow(PART), (bytes) => decodePartRow(3, bytes)],
  completion: [
    { version: FULL, completedAt: AT },
    encodeCompletion({ version: FULL, completedAt: AT }),
    decodeCompletion,
  ],
  change: [CHANGE, encodeChange(CHANGE), (bytes) => decodeChange(SEQUENCE, bytes)],
  'body numbers': [
    { floor: 1n, limit: 1025n },
    encodeBodyNumbers({ floor: 1n, limit: 1025n }),
    decodeBodyNumbers,
  ],
}

type Decode = (bytes: Buffer) => unknown

function versionRow(row: VersionRow): readonly [unknown, Buffer, Decode] {
  const place = { ...PLACE, sequence: SEQUENCE }
  return [row, encodeVersionRow(row), (bytes) => decodeVersionRow(place, bytes)]
}

function blobRow(row: BlobRow): readonly [unknown, Buffer, Decode] {
  return [row, encodeBlobRow(row), decodeBlobRow]
}

for (const [name, [row, bytes, decode]] of Object.entries(ROWS)) {
  test(`a row of format version 1 is written as it was: ${name}`, () => {
    assert.equal(bytes.toString(), GOLDEN[name])
  })

  test(`a row of format version 1 is read: ${name}`, () => {
    assert.deepEqual(decode(Buffer.from(GOLDEN[name] ?? '')), row)
  })
}

test('what lists show is a row of its own, whose sequence stands where it is looked for', () => {
  const bytes = encodeCurrentRow(FULL)
  const { key, versionId, size, etag, modifiedAt, owner, storageClass, checksum } = FULL
  const summary = { key, versionId, size, etag, modifiedAt, owner, storageClass, checksum }
  assert.equal(bytes.toString(), GOLDEN['current'])
  assert.equal(decodeCurrentSequence(bytes), SEQUENCE)
  assert.deepEqual(decodeCurrentRow(key, bytes.toString()), summary)
})

test('every golden row is tried', () => {
  assert.deepEqual(Object.keys(GOLDEN).toSorted(), [...Object.keys(ROWS), 'current'].toSorted())
})
