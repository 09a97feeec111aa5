/**
 * What can be read from the tables, one moment at a time: reads are synchronous, and nothing holds
 * a snapshot across an await. Inside a commit the same reads show what the commit has written so
 * far.
 */
import type { ObjectName, StoredDocument, UploadName, VersionName } from '../../object-store.ts'
import { NULL_VERSION, type ObjectVersion } from '../../object-version.ts'
import { requireObject } from '../../read-plan.ts'
import { StorageError } from '../../storage-error.ts'
import { sequenceOfVersionId } from '../../version-id.ts'
import type { BodyId, BodyPlace } from '../bodies/bodies.ts'
import {
  decodeNumber,
  decodePartNumber,
  decodeVersionKey,
  encodeName,
  encodeNumber,
  encodePartKey,
  encodeUploadKey,
  encodeVersionKey,
  encodeWholeKey,
  rangeOfKey,
  rangeOfParts,
} from './key-encoding.ts'
import { decodeCurrentSequence } from './current-row.ts'
import {
  decodeBlobRow,
  decodeBucketRow,
  decodeDocument,
  decodeLiveBytes,
  decodePartRow,
  decodePartsOf,
  decodePlace,
  decodeUploadRow,
  decodeVersionRow,
} from './row-codecs.ts'
import type { BlobRow, BucketRow, PartOfBody, PartRow, UploadRow, VersionRow } from './rows.ts'
import type { Table, Tables } from './tables.ts'

/**
 * A row that is decoded before the next read, which overwrites it: half the price of one to keep.
 */
function peek(table: Table, key: Buffer): Buffer | undefined {
  return table.getBinaryFast(key)
}

/** @throws StorageError `NoSuchBucket` */
export function getBucket(tables: Tables, name: string): BucketRow {
  const found = findBucket(tables, name)
  if (found !== undefined) return found
  throw new StorageError('NoSuchBucket', `There is no bucket "${name}".`, {
    details: { bucket: name },
  })
}

export function findBucket(tables: Tables, name: string): BucketRow | undefined {
  const known = decodedBuckets.get(name)
  const rowKey = known?.rowKey ?? Buffer.from(name)
  const bytes = peek(tables.buckets, rowKey)
  if (bytes === undefined) return undefined
  // lmdb's own buffer is as large as the largest row so far; only `length` says what is of this
  // one.
  const text = bytes.toString('latin1', 0, bytes.length)
  if (known?.text === text) return known.row
  if (decodedBuckets.size >= DECODED_BUCKETS) decodedBuckets.clear()
  const row = decodeBucketRow(name, bytes)
  decodedBuckets.set(name, { rowKey, text, row })
  return row
}

type DecodedBucket = { readonly rowKey: Buffer; readonly text: string; readonly row: BucketRow }

/** Every operation reads its bucket, which hardly ever changes: the same text is decoded once. */
const decodedBuckets = new Map<string, DecodedBucket>()
const DECODED_BUCKETS = 1000

/** What bears the named version id, or else the newest entry of the key. */
export function findVersion(
  tables: Tables,
  bucket: BucketRow,
  { key, versionId }: Omit<VersionName, 'bucket'>,
): VersionRow | undefined {
  if (versionId === undefined) return findLatest(tables, bucket, key)
  if (versionId === NULL_VERSION) return findNull(tables, bucket, key)
  const sequence = sequenceOfVersionId(versionId)
  const found = sequence === undefined ? undefined : findAt(tables, bucket, { key, sequence })
  return found?.entry.versionId === versionId ? found : undefined
}

/** An object, and the body that holds its bytes. */
export type StoredObject = { readonly version: ObjectVersion; readonly body: BodyId }

/**
 * The object that a name means.
 * @throws StorageError `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `VersionIsDeleteMarker`
 */
export function getObject(tables: Tables, name: VersionName): StoredObject {
  const row = findVersion(tables, getBucket(tables, name.bucket), name)
  const version = requireObject(name, row?.entry)
  if (row?.body !== undefined) return { version, body: row.body }
  throw new StorageError('Damaged', `The catalog names no bytes of "${name.key}".`)
}

/** The newest version or marker of a key. */
export function findLatest(tables: Tables, bucket: BucketRow, key: string): VersionRow | undefined {
  const current = peek(tables.current, encodeName(bucket.id, key))
  if (current !== undefined) {
    return findAt(tables, bucket, { key, sequence: decodeCurrentSequence(current) })
  }
  // Without versioning there are no markers, so a key that shows nothing has nothing.
  if (bucket.versioning === 'unversioned') return undefined
  return findNewestBut(tables, bucket, { key, removed: new Set() })
}

/** The newest version or marker of a key that is not among those that a commit removes. */
export function findNewestBut(
  tables: Tables,
  bucket: BucketRow,
  { key, removed }: { readonly key: string; readonly removed: ReadonlySet<bigint> },
): VersionRow | undefined {
  const range = rangeOfKey(bucket.id, key)
  for (const { key: rowKey, value } of tables.versions.getRange({
    ...range,
    limit: removed.size + 1,
  })) {
    const { sequence } = decodeVersionKey(rowKey)
    if (removed.has(sequence)) continue
    return decodeVersionRow({ bucket: bucket.name, key, sequence }, value)
  }
  return undefined
}

function findAt(
  tables: Tables,
  bucket: BucketRow,
  { key, sequence }: { readonly key: string; readonly sequence: bigint },
): VersionRow | undefined {
  const bytes = peek(tables.versions, encodeVersionKey(bucket.id, key, sequence))
  return bytes && decodeVersionRow({ bucket: bucket.name, key, sequence }, bytes)
}

/** The version whose id is `null`: the newest, or the one that `nulls` knows. */
export function findNull(tables: Tables, bucket: BucketRow, key: string): VersionRow | undefined {
  const latest = findLatest(tables, bucket, key)
  return latest?.entry.versionId === NULL_VERSION ? latest : findOlderNull(tables, bucket, key)
}

/** The null version when it is not the newest. */
export function findOlderNull(
  tables: Tables,
  bucket: BucketRow,
  key: string,
): VersionRow | undefined {
  if (bucket.versioning === 'unversioned') return undefined
  const bytes = tables.nulls.get(encodeWholeKey(bucket.id, key))
  return bytes && findAt(tables, bucket, { key, sequence: decodeNumber(bytes) })
}

/** @throws StorageError `Damaged`: a row names a body that the catalog does not know */
export function getBlob(tables: Tables, id: BodyId): BlobRow {
  const bytes = tables.blobs.get(encodeNumber(id))
  if (bytes !== undefined) return decodeBlobRow(bytes)
  throw new StorageError('Damaged', `The catalog knows no body ${id}; restore it from a backup.`)
}

/** As `getBlob`; its bytes hold only until the next read. @throws StorageError `Damaged` */
export function peekBlob(tables: Tables, id: BodyId): BlobRow {
  const bytes = peek(tables.blobs, encodeNumber(id))
  // lmdb's own buffer is as large as the largest row so far.
  if (bytes !== undefined) return decodeBlobRow(bytes.subarray(0, bytes.length))
  return getBlob(tables, id)
}

/** Where a body lies, also one that nothing names any more and that a reader still holds. */
export function findPlace(tables: Tables, id: BodyId): BodyPlace | undefined {
  const blob = tables.blobs.get(encodeNumber(id))
  const place = blob && decodeBlobRow(blob).place
  if (place !== undefined) return place.kind === 'parts' ? undefined : place
  const garbage = tables.garbage.get(encodeNumber(id))
  return garbage && decodePlace(garbage)
}

/** @throws StorageError `Damaged`: neither a row nor a reader holds the body */
export function getPlace(tables: Tables, id: BodyId): BodyPlace {
  const place = findPlace(tables, id)
  if (place !== undefined) return place
  throw new StorageError('Damaged', `The catalog knows no place of ${id}; restore from a backup.`)
}

export function isKnownBody(tables: Tables, id: BodyId): boolean {
  return tables.blobs.doesExist(encodeNumber(id))
}

/** Readers of a large object ask for range after range; its row may hold 10,000 parts. */
const recentParts = new WeakMap<
  Tables,
  { readonly id: BodyId; readonly parts: readonly PartOfBody[] }
>()

/** The bodies that a body of parts consists of, in order. They never change. */
export function getPartsOf(tables: Tables, id: BodyId): readonly PartOfBody[] {
  const recent = recentParts.get(tables)
  if (recent?.id === id) return recent.parts
  const bytes = peek(tables['parts-of'], encodeNumber(id))
  if (bytes !== undefined) {
    const parts = decodePartsOf(bytes)
    recentParts.set(tables, { id, parts })
    return parts
  }
  throw new StorageError('Damaged', `The catalog knows no parts of ${id}; restore from a backup.`)
}

/** How many bytes of a segment some row names. */
export function getLiveBytes(tables: Tables, segment: number): number {
  const bytes = tables.segments.get(encodeNumber(BigInt(segment)))
  return bytes === undefined ? 0 : decodeLiveBytes(bytes)
}

export function findDocument(
  tables: Tables,
  bucket: BucketRow,
  name: string,
): StoredDocument | undefined {
  const bytes = tables.documents.get(encodeName(bucket.id, name))
  return bytes && decodeDocument(name, bytes)
}

/** @throws StorageError `NoSuchUpload` */
export function getUpload(
  tables: Tables,
  bucket: BucketRow,
  { key, uploadId }: Omit<UploadName, 'bucket'>,
): UploadRow {
  const found = findUpload(tables, bucket, { key, uploadId })
  if (found !== undefined) return found
  throw new StorageError('NoSuchUpload', `There is no open upload ${uploadId} of "${key}".`, {
    details: { bucket: bucket.name, key, uploadId },
  })
}

const UPLOAD_ID = /^[0-9a-f]{32}$/

function findUpload(
  tables: Tables,
  bucket: BucketRow,
  { key, uploadId }: Omit<UploadName, 'bucket'>,
): UploadRow | undefined {
  if (!UPLOAD_ID.test(uploadId)) return undefined
  const bytes = tables.uploads.get(encodeUploadKey(bucket.id, key, uploadId))
  return bytes && decodeUploadRow({ bucket: bucket.name, key, uploadId }, bytes)
}

export function findPart(
  tables: Tables,
  uploadId: string,
  partNumber: number,
): PartRow | undefined {
  const bytes = tables.parts.get(encodePartKey(uploadId, partNumber))
  return bytes && decodePartRow(partNumber, bytes)
}

/** The parts of an upload behind a part number, in order. */
export function listParts(
  tables: Tables,
  uploadId: string,
  { after = 0, limit = Number.MAX_SAFE_INTEGER }: { after?: number; limit?: number } = {},
): readonly PartRow[] {
  const rows = tables.parts.getRange({ ...rangeOfParts(uploadId, after), limit })
  return Array.from(rows, ({ key, value }) => decodePartRow(decodePartNumber(key), value))
}

/** What a commit must know of the key that it changes. */
export function readKey(tables: Tables, { bucket: name, key }: ObjectName): KeyRows {
  const bucket = getBucket(tables, name)
  const latest = findLatest(tables, bucket, key)
  const isNull = latest?.entry.versionId === NULL_VERSION
  return {
    bucket,
    latest,
    nullVersion: isNull ? latest : findOlderNull(tables, bucket, key),
  }
}

export type KeyRows = {
  readonly bucket: BucketRow
  readonly latest: VersionRow | undefined
  readonly nullVersion: VersionRow | undefined
}
