import type { Body } from '../body.ts'
import { assertCopyCondition } from '../condition.ts'
import { openBody } from '../incoming-bytes.ts'
import { LIMITS } from '../limits.ts'
import { assembleUpload, type AssembledUpload, tooManyUploads } from '../multipart.ts'
import { versionOfUpload } from '../new-version.ts'
import type {
  ChangeOptions,
  CompleteOptions,
  ListPartsOptions,
  Part,
  PartName,
  PartPage,
  PartReference,
  PartSource,
  Upload,
  UploadName,
  Uploads,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { assertWithin, type ByteRange } from '../range.ts'
import { planPut, type CommitStamp } from '../write-plan.ts'
import type { BodyId, BodyRecord, StoredBody, WrittenBody } from './bodies/bodies.ts'
import { completeRecord, partCopyRecord, partRecord } from './body-records.ts'
import {
  findPart,
  getBlob,
  getBucket,
  getObject,
  getUpload,
  listParts,
  readKey,
  type StoredObject,
} from './catalog/catalog.ts'
import { encodePartKey, encodeUploadKey, rangeOfBucket } from './catalog/key-encoding.ts'
import { encodePartRow, encodeUploadRow } from './catalog/row-codecs.ts'
import type { BlobRow, BucketRow, PartOfBody, PartRow } from './catalog/rows.ts'
import type { Tables } from './catalog/tables.ts'
import {
  createForgetCompletions,
  draftCompletion,
  findCompletion,
  type ForgetCompletions,
} from './completions.ts'
import { removeParts } from './disk-buckets.ts'
import { listUploads } from './disk-lists.ts'
import {
  assertWritable,
  openTablesOf,
  runWrite,
  type DiskState,
  type ReadState,
} from './disk-state.ts'
import { carryOut, isOvertaken, stateOf, type PlannedWrite } from './disk-writes.ts'
import type { Draft } from './catalog/draft.ts'
import { commitChange } from './commit-change.ts'
import { openBytes } from './open-bytes.ts'
import { createRowRoom } from './row-room.ts'
import { receiveBody, untilNotOvertaken, withManifest } from './receive-body.ts'

/** What of `Uploads` only reads. */
export function readUploads(state: ReadState): Pick<Uploads, 'listParts' | 'list'> {
  return {
    async listParts(name, options) {
      return pageOfParts(openTablesOf(state), name, options)
    },
    async list(bucket, options) {
      return listUploads(openTablesOf(state), bucket, options)
    },
  }
}

export function createUploads(state: DiskState): Uploads {
  const forgetCompletions = createForgetCompletions()
  const room = createRowRoom(LIMITS.openUploads, state.clock)
  return {
    ...readUploads(state),
    async begin(name, options) {
      const { origin, signal, meantFor, checksum, ...newVersion } = options
      assertWritable(state, signal)
      const upload: Upload = {
        bucket: name.bucket,
        key: name.key,
        uploadId: state.random.hex(16),
        begunAt: new Date(state.clock.now()),
        initiator: { account: origin.account, identity: origin.identity },
        newVersion,
        ...(checksum === undefined ? {} : { checksum }),
      }
      await commitChange(state, { origin, ...(meantFor && { meantFor }) }, (draft) => {
        const { id } = getBucket(draft.tables, name.bucket)
        const hasRoom = room.take(id, () => draft.tables.uploads.getKeysCount(rangeOfBucket(id)))
        if (!hasRoom) throw tooManyUploads(name.bucket)
        const rowKey = encodeUploadKey(id, name.key, upload.uploadId)
        draft.put(draft.tables.uploads, rowKey, encodeUploadRow(upload))
      })
      return upload
    },
    async putPart(name, body, options) {
      return runWrite(state, options.signal, async () => {
        requireUpload(state.tables, name)
        return putPart(state, { name, options }, body)
      })
    },
    async copyPart(name, source, options) {
      return runWrite(state, options.signal, () => copyPart(state, { name, options }, source))
    },
    async complete(name, parts, options) {
      return runWrite(state, options.signal, () =>
        complete(state, name, { ...options, parts, forgetCompletions }),
      )
    },
    async abort(name, { origin, signal }) {
      assertWritable(state, signal)
      await state.committer.commit(origin, (draft) => {
        const { bucket } = requireUpload(draft.tables, name)
        removeUpload(draft, bucket, name)
      })
    },
  }
}

type OpenUpload = { readonly bucket: BucketRow; readonly upload: Upload }

function requireUpload(tables: Tables, name: UploadName): OpenUpload {
  const bucket = getBucket(tables, name.bucket)
  return { bucket, upload: getUpload(tables, bucket, name) }
}

function removeUpload(draft: Draft, bucket: BucketRow, { key, uploadId }: UploadName): void {
  draft.remove(draft.tables.uploads, encodeUploadKey(bucket.id, key, uploadId))
  removeParts(draft, uploadId)
}

type PartWrite = { readonly name: PartName; readonly options: ChangeOptions }

function putPart(state: DiskState, write: PartWrite, body: Body): Promise<Part> {
  const { name, options } = write
  return receiveBody(state, { body, signal: options.signal }, async (written) => {
    const part = partOfBody(state, name, written)
    await written.seal(partRecord(name, part))
    return state.committer.commit(options.origin, (draft) => {
      draft.addBody(written.stored)
      return draftPart(draft, name, { ...part, body: written.stored.id, manifest: undefined })
    })
  })
}

function partOfBody(state: DiskState, { partNumber }: PartName, { digest }: WrittenBody): Part {
  const { size, md5, checksum } = digest
  return {
    partNumber,
    size,
    etag: md5,
    ...(checksum === undefined ? {} : { checksum }),
    modifiedAt: new Date(state.clock.now()),
  }
}

/** Looks the upload up again: it may have ended while the part's bytes came in. */
function draftPart(draft: Draft, name: PartName, row: PartRow): Part {
  const { tables } = draft
  requireUpload(tables, name)
  const before = findPart(tables, name.uploadId, name.partNumber)
  draft.unlink(before?.body)
  draft.unlink(before?.manifest)
  draft.put(tables.parts, encodePartKey(name.uploadId, name.partNumber), encodePartRow(row))
  return withoutBody(row)
}

function withoutBody(row: PartRow): Part {
  const { body: _, manifest: __, ...part } = row
  return part
}

/**
 * A whole body is linked where its digests are those that a part needs; else its bytes are copied.
 */
async function copyPart(state: DiskState, write: PartWrite, source: PartSource): Promise<Part> {
  const { name, options } = write
  const { upload } = requireUpload(state.tables, name)
  const found = findSource(state.tables, source)
  if (isLinkable(upload, found)) {
    const linked = await linkPart(state, write, { source, found })
    return linked ?? copyPart(state, write, source)
  }
  const { version, body: stored, range } = found
  const algorithm = upload.checksum?.algorithm
  const size = range.end - range.start
  const body = openBody(
    { bytes: openBytes(state, stored, range), size },
    { maxBytes: version.size, ...(algorithm === undefined ? {} : { algorithm }) },
  )
  return putPart(state, { name, options }, body)
}

type Source = StoredObject & {
  readonly range: ByteRange
  readonly place: BlobRow['place']
}

function findSource(tables: Tables, source: PartSource): Source {
  const { version, body } = getObject(tables, source)
  assertCopyCondition(source.condition, version)
  if (source.range !== undefined) assertWithin(source.range, version.size)
  const range = source.range ?? { start: 0, end: version.size }
  return { version, body, range, place: getBlob(tables, body).place }
}

/**
 * A body of parts has no MD5 of its own, and a checksum must be of the kind that the upload wants.
 */
function isLinkable({ checksum }: Upload, { version, range, place }: Source): boolean {
  const isWhole = range.start === 0 && range.end === version.size && place.kind !== 'parts'
  if (!isWhole || checksum === undefined) return isWhole
  return (
    version.checksum?.algorithm === checksum.algorithm && version.checksum.type === 'full-object'
  )
}

/** Undefined when the source is gone or another by the time of the commit. */
function linkPart(
  state: DiskState,
  { name, options }: PartWrite,
  link: { readonly source: PartSource; readonly found: Source },
): Promise<Part | undefined> {
  const { source, found } = link
  const { size, etag, checksum } = found.version
  const part: Part = {
    partNumber: name.partNumber,
    size,
    etag,
    ...(checksum === undefined ? {} : { checksum }),
    modifiedAt: new Date(state.clock.now()),
  }
  const { body } = found
  const isInline = found.place.kind === 'inline'
  const record = isInline ? undefined : partCopyRecord(name, part, body)
  return withManifest(state, record, (manifest) =>
    state.committer.commit(options.origin, (draft) => {
      const still = findSource(draft.tables, source)
      if (still.body !== body) return undefined
      draft.link(body)
      if (manifest !== undefined) draft.addBody(manifest)
      return draftPart(draft, name, { ...part, body, manifest: manifest?.id })
    }),
  )
}

function pageOfParts(
  tables: Tables,
  name: UploadName,
  { after = 0, limit }: ListPartsOptions,
): PartPage {
  const { upload } = requireUpload(tables, name)
  const rows = listParts(tables, name.uploadId, { after, limit: limit + 1 })
  const parts = rows.slice(0, limit).map(withoutBody)
  const last = parts.at(-1)
  const hasMore = rows.length > parts.length && last !== undefined
  return { upload, parts, ...(hasMore ? { next: last.partNumber } : {}) }
}

type Completion = CompleteOptions & {
  readonly parts: readonly PartReference[]
  readonly forgetCompletions: ForgetCompletions
}

async function complete(
  state: DiskState,
  name: UploadName,
  options: Completion,
): Promise<ObjectVersion> {
  getBucket(state.tables, name.bucket)
  return untilNotOvertaken(state, async (stamp) => {
    const before = findCompletion(state.tables, name)
    if (before !== undefined) return before
    const expected = planCompletion(state.tables, name, { options, stamp })
    const id = await state.numbers.take()
    const record = recordOfCompletion(state.tables, name, { ...expected, id })
    try {
      return await withManifest(state, record, (manifest) =>
        state.committer.commit(options.origin, (draft) => {
          const done = findCompletion(draft.tables, name)
          if (done !== undefined) return done
          const planned = planCompletion(draft.tables, name, { options, stamp })
          if (isOvertaken(planned, expected.plan.result)) return undefined
          if (!hasSameBodies(planned.parts, expected.parts)) return undefined
          draft.observe(stamp)
          options.forgetCompletions(draft, stamp.at.getTime())
          return carryOutCompletion(draft, name, { ...planned, id, manifest })
        }),
      )
    } finally {
      state.numbers.settle(id)
    }
  })
}

type PlannedCompletion = PlannedWrite<ObjectVersion> & { readonly parts: readonly PartOfBody[] }

function planCompletion(
  tables: Tables,
  name: UploadName,
  { options, stamp }: { readonly options: Completion; readonly stamp: CommitStamp },
): PlannedCompletion {
  const { upload } = requireUpload(tables, name)
  const stored = new Map(listParts(tables, name.uploadId).map((part) => [part.partNumber, part]))
  const assembled = assembleUpload(upload, stored, options)
  const rows = readKey(tables, name)
  const plan = planPut(stateOf(rows), versionOfUpload(upload, assembled), {
    stamp,
    operation: 'Complete',
    condition: options.condition,
  })
  return { rows, plan, parts: partsOfBody(assembled) }
}

function partsOfBody(assembled: AssembledUpload<PartRow>): readonly PartOfBody[] {
  return assembled.parts.map(({ partNumber, size, checksum, body }) => ({
    partNumber,
    size,
    ...(checksum === undefined ? {} : { checksum }),
    body,
  }))
}

/** What must be on disk before the commit: nothing when all bytes lie in the catalog. */
function recordOfCompletion(
  tables: Tables,
  { uploadId }: UploadName,
  { plan, parts, id }: PlannedCompletion & { readonly id: BodyId },
): BodyRecord | undefined {
  const isInline = parts.every(({ body }) => getBlob(tables, body).place.kind === 'inline')
  return isInline ? undefined : completeRecord(plan.result, { body: id, uploadId, parts })
}

function hasSameBodies(one: readonly PartOfBody[], other: readonly PartOfBody[]): boolean {
  return one.length === other.length && one.every(({ body }, at) => body === other[at]?.body)
}

function carryOutCompletion(
  draft: Draft,
  name: UploadName,
  made: PlannedCompletion & { readonly id: BodyId; readonly manifest: StoredBody | undefined },
): ObjectVersion {
  const { rows, parts, id, manifest } = made
  const stamp = draft.stamp()
  draft.addBodyOfParts(id, parts)
  if (manifest !== undefined) draft.addBody(manifest)
  removeUpload(draft, rows.bucket, name)
  const content = { body: id, manifest: manifest?.id }
  const version = carryOut(draft, made, { stamp, content })
  draftCompletion(draft, name, { version, completedAt: stamp.at })
  return version
}
