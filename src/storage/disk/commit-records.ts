// The records of a commit of many: written before it, from what its writes will do one after
// another.
import { versionOfBody, versionOfCopy } from '../new-version.ts'
import type { ObjectName, PreparedBody, VersionName, Write } from '../object-store.ts'
import { NULL_VERSION, type ObjectVersion } from '../object-version.ts'
import type { CommitStamp, UnstampedVersion } from '../write-plan.ts'
import type { BodyId, StoredBody, WrittenBody } from './bodies/bodies.ts'
import { copyRecord, objectRecord } from './body-records.ts'
import { getBlob, getBucket, getObject } from './catalog/catalog.ts'
import type { DiskState } from './disk-state.ts'

/** What a record says of a write; the commit must find the same. */
export type RecordedWrite = {
  readonly versionId: string
  readonly body: BodyId
  /** Where the record lies when it does not lie beside the bytes. */
  readonly manifest?: StoredBody
}

export type WrittenRecords = {
  /** By the write's place in the commit. */
  readonly of: ReadonlyMap<number, RecordedWrite>
  /** Frees what was written; for a commit that did not come. */
  discard(): Promise<void>
  /** For a commit that came. */
  settle(): void
}

export type RecordRequest = {
  readonly writes: readonly Write[]
  readonly stamps: readonly CommitStamp[]
  readonly getPrepared: (body: PreparedBody) => WrittenBody
}

/** So many records are under way at a time. */
const GROUP = 64

type Planned = RecordedWrite & { readonly write: () => Promise<RecordedWrite> }

/** Makes durable what the versions of a commit need beside bytes that lie outside the catalog. */
export async function writeRecords(
  state: DiskState,
  request: RecordRequest,
): Promise<WrittenRecords> {
  const written = new Map<number, RecordedWrite>()
  const manifests = (): StoredBody[] =>
    [...written.values()].flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]))
  const settle = (): void => {
    for (const { id } of manifests()) state.numbers.settle(id)
  }
  const records: WrittenRecords = {
    of: written,
    settle,
    async discard() {
      await Promise.all(manifests().map(({ id, place }) => state.bodies.release(id, place)))
      settle()
    },
  }
  try {
    const planned = planRecords(state, request)
    for (let at = 0; at < planned.length; at += GROUP) {
      const group = planned.slice(at, at + GROUP)
      await Promise.all(
        group.map(async ([place, record]) => written.set(place, await record.write())),
      )
    }
  } catch (error) {
    await records.discard()
    throw error
  }
  return records
}

type Shown = { readonly version: ObjectVersion; readonly body: BodyId; readonly isInline: boolean }

/** Follows the writes one after another, so that a copy finds what an earlier write made. */
function planRecords(state: DiskState, request: RecordRequest): [number, Planned][] {
  const made = new Map<string, Shown>()
  const sealed = new Set<BodyId>()
  return request.writes.flatMap((write, place): [number, Planned][] => {
    const stamp = request.stamps[place]
    if (stamp === undefined || (write.kind !== 'put' && write.kind !== 'copy')) return []
    const written = write.kind === 'put' ? request.getPrepared(write.body) : undefined
    const shown =
      write.kind === 'put'
        ? shownByPut(state, write, { stamp, written: request.getPrepared(write.body) })
        : shownByCopy(state, write, { stamp, made })
    made.set(nameOf(write.name), shown)
    if (shown.isInline) return []
    const isFirst = written !== undefined && !sealed.has(shown.body)
    sealed.add(shown.body)
    return [[place, isFirst ? planSeal(shown, written) : planManifest(state, shown)]]
  })
}

function planSeal({ version, body }: Shown, written: WrittenBody): Planned {
  const recorded = { versionId: version.versionId, body }
  return {
    ...recorded,
    async write() {
      await written.seal(objectRecord(version))
      return recorded
    },
  }
}

function planManifest(state: DiskState, { version, body }: Shown): Planned {
  const recorded = { versionId: version.versionId, body }
  return {
    ...recorded,
    async write() {
      const id = await state.numbers.take()
      const place = await state.bodies.writeManifest(copyRecord(version, body), id)
      return { ...recorded, manifest: { id, size: 0, place } }
    },
  }
}

function shownByPut(
  state: DiskState,
  { name, options }: Extract<Write, { kind: 'put' }>,
  { stamp, written }: { readonly stamp: CommitStamp; readonly written: WrittenBody },
): Shown {
  const { stored, digest } = written
  return {
    version: stampVersion(state, versionOfBody(name, digest, options), stamp),
    body: stored.id,
    isInline: stored.place.kind === 'inline',
  }
}

function shownByCopy(
  state: DiskState,
  { source, name, options }: Extract<Write, { kind: 'copy' }>,
  { stamp, made }: { readonly stamp: CommitStamp; readonly made: ReadonlyMap<string, Shown> },
): Shown {
  const earlier = source.versionId === undefined ? made.get(nameOf(source)) : undefined
  const { version, body, isInline } = earlier ?? shownBefore(state, source)
  return {
    version: stampVersion(state, versionOfCopy(version, name, options), stamp),
    body,
    isInline,
  }
}

function shownBefore({ tables }: DiskState, source: VersionName): Shown {
  const { version, body } = getObject(tables, source)
  return { version, body, isInline: getBlob(tables, body).place.kind === 'inline' }
}

function stampVersion(
  { tables }: DiskState,
  made: UnstampedVersion,
  stamp: CommitStamp,
): ObjectVersion {
  const { versioning } = getBucket(tables, made.bucket)
  const versionId = versioning === 'enabled' ? stamp.versionId : NULL_VERSION
  return { ...made, sequence: stamp.sequence, modifiedAt: stamp.at, versionId }
}

/** A bucket's name holds no slash. */
function nameOf({ bucket, key }: ObjectName): string {
  return `${bucket}/${key}`
}
