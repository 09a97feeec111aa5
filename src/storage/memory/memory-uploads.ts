import { createDigest, type DigestAlgorithm } from '../../base/digest.ts'
import type { Checksum } from '../checksum.ts'
import { assertCopyCondition } from '../condition.ts'
import { compareUtf8 } from '../../base/utf8-order.ts'
import { collectPage, type SeekRows } from '../list-page.ts'
import { LIMITS } from '../limits.ts'
import { assembleUpload, tooManyUploads } from '../multipart.ts'
import { objectPartsOf, versionOfUpload } from '../new-version.ts'
import type {
  CompleteOptions,
  ListPartsOptions,
  ListUploadsOptions,
  Part,
  PartName,
  PartPage,
  PartReference,
  PartSource,
  Upload,
  UploadName,
  UploadPage,
  Uploads,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { assertWithin } from '../range.ts'
import { requireObject } from '../read-plan.ts'
import { StorageError } from '../storage-error.ts'
import { assertMeant, planPut } from '../write-plan.ts'
import { receiveBody, slicePieces, type Pieces } from './memory-body.ts'
import {
  commit,
  findVersion,
  getBucket,
  type MemoryBucket,
  type MemoryState,
  type OpenUpload,
  type StoredPart,
} from './memory-state.ts'

export function createUploads(state: MemoryState): Uploads {
  return {
    async begin(name, options) {
      const { origin, signal, meantFor, checksum, ...newVersion } = options
      signal?.throwIfAborted()
      assertMeant(meantFor, (bucket) => state.buckets.get(bucket)?.bucket)
      const { uploads } = getBucket(state, name.bucket)
      if (uploads.size >= LIMITS.openUploads) throw tooManyUploads(name.bucket)
      const upload: Upload = {
        bucket: name.bucket,
        key: name.key,
        uploadId: state.random.hex(16),
        begunAt: new Date(state.clock.now()),
        initiator: { account: origin.account, identity: origin.identity },
        newVersion,
        ...(checksum && { checksum }),
      }
      uploads.set(upload.uploadId, { upload, parts: new Map() })
      return upload
    },
    async putPart(name, body, { signal }) {
      getUpload(state, name)
      const { pieces, digest } = await receiveBody(body, signal)
      const { size, md5, checksum } = digest
      return storePart(state, name, {
        size,
        etag: md5,
        ...(checksum && { checksum }),
        pieces,
      })
    },
    async copyPart(name, source, { signal }) {
      signal?.throwIfAborted()
      const { upload } = getUpload(state, name)
      const pieces = findSource(state, source)
      const algorithm = upload.checksum?.algorithm
      return storePart(state, name, {
        size: pieces.reduce((sum, piece) => sum + piece.length, 0),
        etag: digestPieces('MD5', pieces).toString('hex'),
        ...(algorithm && { checksum: fullChecksum(algorithm, pieces) }),
        pieces,
      })
    },
    async listParts(name, options) {
      return listParts(getUpload(state, name), options)
    },
    async complete(name, parts, options) {
      options.signal?.throwIfAborted()
      return complete(state, name, { ...options, parts })
    },
    async abort(name, { signal }) {
      signal?.throwIfAborted()
      getUpload(state, name)
      getBucket(state, name.bucket).uploads.delete(name.uploadId)
    },
    async list(bucket, options) {
      return listUploads(getBucket(state, bucket), options)
    },
  }
}

function getUpload(state: MemoryState, { bucket, key, uploadId }: UploadName): OpenUpload {
  const found = getBucket(state, bucket).uploads.get(uploadId)
  if (found?.upload.key === key) return found
  throw new StorageError('NoSuchUpload', `There is no open upload ${uploadId} of "${key}".`, {
    details: { bucket, key, uploadId },
  })
}

/** Looks the upload up again: it may have ended while the part's bytes came in. */
function storePart(
  state: MemoryState,
  name: PartName,
  made: Omit<StoredPart, 'partNumber' | 'modifiedAt'>,
): Part {
  const { partNumber } = name
  const stored = { partNumber, modifiedAt: new Date(state.clock.now()), ...made }
  getUpload(state, name).parts.set(partNumber, stored)
  return withoutPieces(stored)
}

function withoutPieces(stored: StoredPart): Part {
  const { pieces: _, ...part } = stored
  return part
}

function findSource(state: MemoryState, source: PartSource): Pieces {
  const history = getBucket(state, source.bucket).keys.get(source.key) ?? []
  const found = findVersion(history, source.versionId)
  const version = requireObject(source, found?.entry)
  assertCopyCondition(source.condition, version)
  const pieces = found?.content.pieces ?? []
  if (source.range === undefined) return pieces
  assertWithin(source.range, version.size)
  return slicePieces(pieces, source.range)
}

function fullChecksum(algorithm: DigestAlgorithm, pieces: Pieces): Checksum {
  const value = digestPieces(algorithm, pieces).toString('base64')
  return { algorithm, type: 'full-object', value }
}

function digestPieces(algorithm: DigestAlgorithm, pieces: Pieces): Buffer {
  const digest = createDigest(algorithm)
  for (const piece of pieces) digest.update(piece)
  return Buffer.from(digest.digest())
}

function listParts({ upload, parts }: OpenUpload, options: ListPartsOptions): PartPage {
  const { after = 0, limit } = options
  const rest = [...parts.values()]
    .filter((part) => part.partNumber > after)
    .toSorted((one, other) => one.partNumber - other.partNumber)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const hasMore = last !== undefined && rest.length > page.length
  return { upload, parts: page.map(withoutPieces), ...(hasMore ? { next: last.partNumber } : {}) }
}

function complete(
  state: MemoryState,
  name: UploadName,
  options: CompleteOptions & { readonly parts: readonly PartReference[] },
): ObjectVersion {
  const { uploads, completed } = getBucket(state, name.bucket)
  const before = completed.get(name.uploadId)
  if (before?.key === name.key) return before
  const { upload, parts } = getUpload(state, name)
  const assembled = assembleUpload(upload, parts, options)
  return commit(state, options, (draft) => {
    const stamp = draft.stamp()
    const plan = planPut(draft.keyState(name), versionOfUpload(upload, assembled), {
      stamp,
      operation: 'Complete',
      condition: options.condition,
    })
    draft.onCommit(() => {
      uploads.delete(name.uploadId)
      completed.set(name.uploadId, plan.result)
    })
    const pieces = assembled.parts.flatMap((part) => part.pieces)
    return draft.carryOut(name, plan, {
      stamp,
      content: { pieces, parts: objectPartsOf(assembled) },
    })
  })
}

function listUploads({ uploads }: MemoryBucket, options: ListUploadsOptions): UploadPage {
  const { after, ...rest } = options
  const sorted = Array.from(uploads.values(), ({ upload }) => upload).toSorted(
    (one, other) => compareUtf8(one.key, other.key) || compareUtf8(one.uploadId, other.uploadId),
  )
  const seek: SeekRows<Upload> = (key, pastId) =>
    sorted.filter((upload) => {
      const order = compareUtf8(upload.key, key)
      return order === 0 ? pastId === undefined || upload.uploadId > pastId : order > 0
    })
  const { rows, prefixes, next } = collectPage(seek, {
    ...rest,
    ...(after && { after: { key: after.key, ...(after.uploadId && { id: after.uploadId }) } }),
  })
  return {
    uploads: rows,
    prefixes,
    ...(next && { next: { key: next.key, ...(next.row && { uploadId: next.row.uploadId }) } }),
  }
}
