import { stringAfter } from '../../base/utf8-order.ts'
import type { Bucket, Buckets, Documents, NamedContent, StoredDocument } from '../object-store.ts'
import { LIMITS } from '../limits.ts'
import { tooManyBuckets } from '../names.ts'
import { StorageError } from '../storage-error.ts'
import { changeBucket } from '../write-plan.ts'
import {
  assertOpen,
  commit,
  type Draft,
  getBucket,
  type MemoryBucket,
  type MemoryState,
} from './memory-state.ts'
import { SortedMap } from './sorted-map.ts'

export function createBuckets(state: MemoryState): Buckets {
  return {
    async create(name, { origin, signal, owner, objectLock, documents = [] }) {
      signal?.throwIfAborted()
      return commit(state, { origin }, (draft) => {
        assertFree(state, name)
        if (state.buckets.size >= LIMITS.buckets) throw tooManyBuckets()
        const stamp = draft.stamp()
        const versioning = objectLock ? 'enabled' : 'unversioned'
        const bucket = { name, createdAt: stamp.at, owner, versioning, objectLock } as const
        draft.announce({ operation: 'BucketCreated', bucket: name }, stamp)
        const stored = makeBucket(bucket)
        draft.onCommit(() => state.buckets.set(name, stored))
        for (const document of documents) draftDocument(draft, stored, document)
        return bucket
      })
    },
    async get(name) {
      return getBucket(state, name).bucket
    },
    async list({ owner, prefix = '', after, limit }) {
      assertOpen(state)
      const buckets: Bucket[] = []
      for (const [name, { bucket }] of state.buckets.from(after ? stringAfter(after) : '')) {
        if (!name.startsWith(prefix) || (owner !== undefined && bucket.owner !== owner)) continue
        const last = buckets.at(-1)
        if (buckets.length >= limit) return { buckets, ...(last ? { next: last.name } : {}) }
        buckets.push(bucket)
      }
      return { buckets }
    },
    async update(name, change, options) {
      options.signal?.throwIfAborted()
      return commit(state, options, (draft) => {
        const stored = getBucket(state, name)
        const bucket = changeBucket(stored.bucket, change)
        draft.announce({ operation: 'BucketChanged', bucket: name }, draft.stamp())
        draft.onCommit(() => (stored.bucket = bucket))
        return bucket
      })
    },
    async delete(name, options) {
      options.signal?.throwIfAborted()
      commit(state, options, (draft) => {
        if (getBucket(state, name).keys.size > 0) {
          throw new StorageError(
            'BucketNotEmpty',
            `Bucket "${name}" holds objects, versions or delete markers; delete them first.`,
            { details: { bucket: name } },
          )
        }
        draft.announce({ operation: 'BucketDeleted', bucket: name }, draft.stamp())
        draft.onCommit(() => state.buckets.delete(name))
      })
    },
  }
}

function makeBucket(bucket: Bucket): MemoryBucket {
  return {
    bucket,
    keys: new SortedMap(),
    documents: new SortedMap(),
    uploads: new Map(),
    completed: new Map(),
  }
}

function draftDocument(
  draft: Draft,
  { bucket, documents }: MemoryBucket,
  { name, content }: NamedContent,
): StoredDocument {
  const stamp = draft.stamp()
  const document = { name, content, modifiedAt: stamp.at }
  draft.announce({ operation: 'DocumentChanged', bucket: bucket.name, document: name }, stamp)
  draft.onCommit(() => documents.set(name, document))
  return document
}

function assertFree(state: MemoryState, name: string): void {
  const taken = state.buckets.get(name)
  if (taken === undefined) return
  throw new StorageError('BucketAlreadyExists', `There is a bucket "${name}" already.`, {
    details: { bucket: name, owner: taken.bucket.owner },
  })
}

export function createDocuments(state: MemoryState): Documents {
  return {
    async find(bucket, name) {
      return getBucket(state, bucket).documents.get(name)
    },
    async put(bucket, document, options) {
      options.signal?.throwIfAborted()
      return commit(state, options, (draft) =>
        draftDocument(draft, getBucket(state, bucket), document),
      )
    },
    async delete(bucket, name, options) {
      options.signal?.throwIfAborted()
      commit(state, options, (draft) => {
        const { documents } = getBucket(state, bucket)
        if (documents.get(name) === undefined) return
        draft.announce({ operation: 'DocumentDeleted', bucket, document: name }, draft.stamp())
        draft.onCommit(() => documents.delete(name))
      })
    },
    async list(bucket) {
      const { documents } = getBucket(state, bucket)
      return Array.from(documents.from(''), ([, document]) => document)
    },
  }
}
