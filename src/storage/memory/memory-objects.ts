import { collectPage, type SeekRows } from '../list-page.ts'
import type {
  FoundObject,
  GetOptions,
  ListOptions,
  ListVersionsOptions,
  ObjectPage,
  ObjectSummary,
  Objects,
  VersionName,
  VersionPage,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { planRead, requireObject } from '../read-plan.ts'
import { sequenceOfVersionId } from '../version-id.ts'
import { receiveBody, streamPieces, type Pieces } from './memory-body.ts'
import { commit, findVersion, getBucket, type History, type MemoryState } from './memory-state.ts'
import { draftCopy, draftDelete, draftPut, draftUpdate } from './memory-writes.ts'

export function createObjects(state: MemoryState): Objects {
  return {
    async put(name, body, options) {
      getBucket(state, name.bucket)
      const received = await receiveBody(body, options.signal)
      return commit(state, options, (draft) => draftPut(draft, { name, options }, received))
    },
    async get(name, options) {
      const { found, pieces } = find(state, name, options)
      return { ...found, bytes: streamPieces(pieces, found.range) }
    },
    async head(name, options) {
      return find(state, name, options).found
    },
    async update(name, change, options) {
      options.signal?.throwIfAborted()
      return commit(state, options, (draft) => draftUpdate(draft, { name, change, options }))
    },
    async copy(source, name, options) {
      options.signal?.throwIfAborted()
      return commit(state, options, (draft) => draftCopy(draft, { source, name, options }))
    },
    async delete(name, options) {
      options.signal?.throwIfAborted()
      return commit(state, options, (draft) => draftDelete(draft, { name, options }))
    },
    async list(bucket, options) {
      return listObjects(state, bucket, options)
    },
    async listVersions(bucket, options) {
      return listVersions(state, bucket, options)
    },
  }
}

function find(
  state: MemoryState,
  name: VersionName,
  options: GetOptions,
): { readonly found: FoundObject; readonly pieces: Pieces } {
  options.signal?.throwIfAborted()
  const history = getBucket(state, name.bucket).keys.get(name.key) ?? []
  const stored = findVersion(history, name.versionId)
  const version = requireObject(name, stored?.entry)
  const { pieces = [], parts = [] } = stored?.content ?? {}
  return { found: planRead(version, parts, options), pieces }
}

function listObjects(state: MemoryState, bucket: string, options: ListOptions): ObjectPage {
  const { keys } = getBucket(state, bucket)
  const { startAfter, ...rest } = options
  const seek: SeekRows<ObjectSummary> = function* (from) {
    for (const [, [newest]] of keys.from(from)) {
      if (newest?.entry.deleteMarker === false) yield summarize(newest.entry)
    }
  }
  const page = collectPage(seek, {
    ...rest,
    ...(startAfter !== undefined && { after: { key: startAfter } }),
  })
  return {
    objects: page.rows,
    prefixes: page.prefixes,
    ...(page.next && { next: page.next.key }),
  }
}

function summarize(version: ObjectVersion): ObjectSummary {
  const { key, versionId, size, etag, modifiedAt, owner, storageClass, checksum } = version
  const summary = { key, versionId, size, etag, modifiedAt, owner, storageClass }
  return checksum === undefined ? summary : { ...summary, checksum }
}

function listVersions(
  state: MemoryState,
  bucket: string,
  options: ListVersionsOptions,
): VersionPage {
  const { keys } = getBucket(state, bucket)
  const { after, ...rest } = options
  const seek: SeekRows<VersionPage['versions'][number]> = function* (from, pastId) {
    for (const [key, history] of keys.from(from)) {
      const rows = key === from ? versionsPast(history, pastId) : history
      for (const stored of rows) yield { ...stored.entry, isLatest: stored === history[0] }
    }
  }
  const { rows, prefixes, next } = collectPage(seek, {
    ...rest,
    ...(after && { after: { key: after.key, ...(after.versionId && { id: after.versionId }) } }),
  })
  return {
    versions: rows,
    prefixes,
    ...(next && { next: { key: next.key, ...(next.row && { versionId: next.row.versionId }) } }),
  }
}

/** The version may be gone by now: then its id tells where it stood, unless it was `null`. */
function versionsPast(history: History, versionId: string | undefined): History {
  if (versionId === undefined) return history
  const at = history.findIndex(({ entry }) => entry.versionId === versionId)
  if (at !== -1) return history.slice(at + 1)
  const sequence = sequenceOfVersionId(versionId)
  return sequence === undefined ? history : history.filter(({ entry }) => entry.sequence < sequence)
}
