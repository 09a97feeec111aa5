import { stringAfter } from '../../base/utf8-order.ts'
import type {
  Bucket,
  BucketPage,
  Buckets,
  Documents,
  ListBucketsOptions,
  NamedContent,
  StoredDocument,
} from '../object-store.ts'
import { LIMITS } from '../limits.ts'
import { tooManyBuckets } from '../names.ts'
import { StorageError } from '../storage-error.ts'
import { changeBucket } from '../write-plan.ts'
import { findBucket, findDocument, getBucket, listParts } from './catalog/catalog.ts'
import {
  decodeName,
  decodeNumber,
  decodeUploadKey,
  encodeName,
  encodeNumber,
  encodePartKey,
  rangeOfBucket,
} from './catalog/key-encoding.ts'
import {
  decodeBucketRow,
  decodeDocument,
  encodeBucketRow,
  encodeDocument,
} from './catalog/row-codecs.ts'
import type { BucketRow } from './catalog/rows.ts'
import type { Tables } from './catalog/tables.ts'
import { assertWritable, openTablesOf, type DiskState, type ReadState } from './disk-state.ts'
import type { Draft } from './catalog/draft.ts'
import { createRowRoom } from './row-room.ts'
import { commitChange } from './commit-change.ts'

/** What of `Buckets` only reads. */
export function readBuckets(state: ReadState): Pick<Buckets, 'get' | 'list'> {
  return {
    async get(name) {
      return withoutId(getBucket(openTablesOf(state), name))
    },
    async list(options) {
      return listBuckets(openTablesOf(state), options)
    },
  }
}

export function createBuckets(state: DiskState): Buckets {
  const { committer } = state
  const room = createRowRoom(LIMITS.buckets, state.clock)
  return {
    ...readBuckets(state),
    async create(name, { origin, signal, owner, objectLock, documents = [] }) {
      assertWritable(state, signal)
      return committer.commit(origin, (draft) => {
        assertFree(draft.tables, name)
        if (!room.take(0, () => draft.tables.buckets.getKeysCount())) throw tooManyBuckets()
        const stamp = draft.stamp()
        const versioning = objectLock ? 'enabled' : 'unversioned'
        const bucket = { name, createdAt: stamp.at, owner, versioning, objectLock } as const
        const row = { ...bucket, id: takeBucketId(draft) }
        putBucket(draft, row)
        draft.announce({ operation: 'BucketCreated', bucket: name }, stamp)
        for (const document of documents) putDocument(draft, row, document)
        return bucket
      })
    },
    async update(name, change, options) {
      assertWritable(state, options.signal)
      return commitChange(state, options, (draft) => {
        const { id, ...before } = getBucket(draft.tables, name)
        const bucket = changeBucket(before, change)
        putBucket(draft, { ...bucket, id })
        draft.announce({ operation: 'BucketChanged', bucket: name }, draft.stamp())
        return bucket
      })
    },
    async delete(name, options) {
      assertWritable(state, options.signal)
      await commitChange(state, options, (draft) => {
        const bucket = getBucket(draft.tables, name)
        assertEmpty(draft.tables, bucket)
        draft.remove(draft.tables.buckets, Buffer.from(name))
        removeDocuments(draft, bucket)
        removeUploads(draft, bucket)
        draft.announce({ operation: 'BucketDeleted', bucket: name }, draft.stamp())
      })
    },
  }
}

export const NEXT_BUCKET_ID_ROW: Buffer = Buffer.from('next-bucket-id')

/** A number that no bucket had before: rows that a deleted bucket left would be the new one's. */
function takeBucketId(draft: Draft): number {
  const { meta } = draft.tables
  const bytes = meta.get(NEXT_BUCKET_ID_ROW)
  const id = bytes === undefined ? 1n : decodeNumber(bytes)
  draft.put(meta, NEXT_BUCKET_ID_ROW, encodeNumber(id + 1n))
  return Number(id)
}

function putBucket(draft: Draft, bucket: BucketRow): void {
  draft.put(draft.tables.buckets, Buffer.from(bucket.name), encodeBucketRow(bucket))
}

function putDocument(
  draft: Draft,
  bucket: BucketRow,
  { name, content }: NamedContent,
): StoredDocument {
  const stamp = draft.stamp()
  const document = { name, content, modifiedAt: stamp.at }
  draft.put(draft.tables.documents, encodeName(bucket.id, name), encodeDocument(document))
  draft.announce({ operation: 'DocumentChanged', bucket: bucket.name, document: name }, stamp)
  return document
}

function withoutId(row: BucketRow): Bucket {
  const { id: _, ...bucket } = row
  return bucket
}

function assertFree(tables: Tables, name: string): void {
  const taken = findBucket(tables, name)
  if (taken === undefined) return
  throw new StorageError('BucketAlreadyExists', `There is a bucket "${name}" already.`, {
    details: { bucket: name, owner: taken.owner },
  })
}

function assertEmpty(tables: Tables, { id, name }: BucketRow): void {
  for (const _ of tables.versions.getKeys({ ...rangeOfBucket(id), limit: 1 })) {
    throw new StorageError(
      'BucketNotEmpty',
      `Bucket "${name}" holds objects, versions or delete markers; delete them first.`,
      { details: { bucket: name } },
    )
  }
}

function removeDocuments(draft: Draft, { id }: BucketRow): void {
  const { documents } = draft.tables
  for (const key of documents.getKeys(rangeOfBucket(id))) draft.remove(documents, key)
}

function removeUploads(draft: Draft, { id }: BucketRow): void {
  const { uploads } = draft.tables
  for (const key of uploads.getKeys(rangeOfBucket(id))) {
    draft.remove(uploads, key)
    removeParts(draft, decodeUploadKey(key).uploadId)
  }
}

/** Drafts that the parts of an upload go. */
export function removeParts(draft: Draft, uploadId: string): void {
  for (const { partNumber, body, manifest } of listParts(draft.tables, uploadId)) {
    draft.remove(draft.tables.parts, encodePartKey(uploadId, partNumber))
    draft.unlink(body)
    draft.unlink(manifest)
  }
}

function listBuckets(
  tables: Tables,
  { owner, prefix = '', after, limit }: ListBucketsOptions,
): BucketPage {
  const from = after !== undefined && after >= prefix ? stringAfter(after) : prefix
  const buckets: Bucket[] = []
  for (const { key, value } of tables.buckets.getRange({ start: Buffer.from(from || '\0') })) {
    const bucket = withoutId(decodeBucketRow(key.toString(), value))
    if (!bucket.name.startsWith(prefix)) break
    if (owner !== undefined && bucket.owner !== owner) continue
    const last = buckets.at(-1)
    if (buckets.length >= limit) return { buckets, ...(last ? { next: last.name } : {}) }
    buckets.push(bucket)
  }
  return { buckets }
}

/** What of `Documents` only reads. */
export function readDocuments(state: ReadState): Pick<Documents, 'find' | 'list'> {
  return {
    async find(bucket, name) {
      const tables = openTablesOf(state)
      return findDocument(tables, getBucket(tables, bucket), name)
    },
    async list(bucket) {
      const tables = openTablesOf(state)
      const rows = tables.documents.getRange(rangeOfBucket(getBucket(tables, bucket).id))
      return Array.from(rows, ({ key, value }) => decodeDocument(decodeName(key), value))
    },
  }
}

export function createDocuments(state: DiskState): Documents {
  return {
    ...readDocuments(state),
    async put(bucket, document, options) {
      assertWritable(state, options.signal)
      return commitChange(state, options, (draft) =>
        putDocument(draft, getBucket(draft.tables, bucket), document),
      )
    },
    async delete(bucket, name, options) {
      assertWritable(state, options.signal)
      await commitChange(state, options, (draft) => {
        const row = getBucket(draft.tables, bucket)
        if (findDocument(draft.tables, row, name) === undefined) return
        draft.remove(draft.tables.documents, encodeName(row.id, name))
        draft.announce({ operation: 'DocumentDeleted', bucket, document: name }, draft.stamp())
      })
    },
  }
}
