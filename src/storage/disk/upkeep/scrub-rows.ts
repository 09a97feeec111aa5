import type { Finding } from '../../maintenance.ts'
import type { VersionName } from '../../object-store.ts'
import type { BodyId } from '../bodies/bodies.ts'
import { findNewestBut } from '../catalog/catalog.ts'
import {
  decodeName,
  decodeUploadKey,
  decodeVersionKey,
  encodeName,
  encodeNumber,
} from '../catalog/key-encoding.ts'
import { encodeCurrentRow } from '../catalog/current-row.ts'
import {
  decodeBlobRow,
  decodeBucketRow,
  decodePartRow,
  decodePartsOf,
  decodeVersionRow,
} from '../catalog/row-codecs.ts'
import type { BucketRow, VersionRow } from '../catalog/rows.ts'
import type { Tables } from '../catalog/tables.ts'
import type { ScrubProgress } from './scrub-progress.ts'
import { readPages, type TableRow, tryDecode } from './table-pages.ts'
import type { UpkeepState } from './upkeep-state.ts'

type Buckets = ReadonlyMap<number, BucketRow>

/** Reads every row that names a body or shows a key, and says which objects are damaged. */
export async function* scrubRows(
  { tables }: UpkeepState,
  progress: ScrubProgress,
): AsyncGenerator<Finding, void> {
  const unnamed = new Map(progress.damaged)
  const buckets = readBuckets(tables)
  for await (const rows of readPages(tables.versions, progress.signal)) {
    progress.versions += rows.length
    for (const row of rows) {
      const { name, version } = readVersion(buckets, row)
      if (version === undefined) yield damagedRow('version', name)
      else yield* checkVersion(tables, { name, version }, { progress, unnamed })
    }
  }
  yield* scrubCurrent(tables, { progress, buckets })
  yield* scrubParts(tables, { progress, unnamed, buckets })
  for (const [id, damage] of unnamed) yield { ...damage, body: id.toString(16), objects: [] }
}

function readBuckets(tables: Tables): Buckets {
  const buckets = new Map<number, BucketRow>()
  for (const { key, value } of tables.buckets.getRange({})) {
    const row = tryDecode(() => decodeBucketRow(Buffer.from(key).toString(), value))
    if (row !== undefined) buckets.set(row.id, row)
  }
  return buckets
}

function bucketOf(buckets: Buckets, key: Buffer): string {
  const id = key.readUInt32BE()
  return buckets.get(id)?.name ?? `(bucket ${id})`
}

function readVersion(
  buckets: Buckets,
  row: TableRow,
): { readonly name: VersionName; readonly version: VersionRow | undefined } {
  const place = { bucket: bucketOf(buckets, row.key), ...decodeVersionKey(row.key) }
  const version = tryDecode(() => decodeVersionRow(place, row.value))
  const { bucket, key } = place
  const versionId = version?.entry.versionId
  return { name: versionId === undefined ? { bucket, key } : { bucket, key, versionId }, version }
}

function* checkVersion(
  tables: Tables,
  { name, version }: { readonly name: VersionName; readonly version: VersionRow },
  found: { readonly progress: ScrubProgress; readonly unnamed: Map<BodyId, unknown> },
): Generator<Finding, void> {
  for (const id of [version.body, version.manifest]) {
    if (id === undefined) continue
    const bytes = tables.blobs.get(encodeNumber(id))
    if (bytes === undefined) {
      const message = `The catalog knows no body ${id.toString(16)}; restore it from a backup.`
      yield { kind: 'missing', message, body: id.toString(16), objects: [name] }
    }
    for (const body of [id, ...partsOf(tables, id)]) {
      const damage = found.progress.damaged.get(body)
      if (damage === undefined) continue
      found.unnamed.delete(body)
      yield { ...damage, body: body.toString(16), objects: [name] }
    }
  }
  const { entry, body } = version
  const blob = body === undefined ? undefined : tables.blobs.get(encodeNumber(body))
  const size = blob && tryDecode(() => decodeBlobRow(blob))?.size
  if (!entry.deleteMarker && size !== undefined && size !== entry.size) {
    yield damagedRow('version', name)
  }
}

function partsOf(tables: Tables, id: BodyId): readonly BodyId[] {
  const bytes = tables['parts-of'].get(encodeNumber(id))
  const parts = bytes && tryDecode(() => decodePartsOf(bytes))
  return parts?.map(({ body }) => body) ?? []
}

/** What lists show must be what keys show. */
async function* scrubCurrent(
  tables: Tables,
  { progress, buckets }: { readonly progress: ScrubProgress; readonly buckets: Buckets },
): AsyncGenerator<Finding, void> {
  for await (const rows of readPages(tables.current, progress.signal)) {
    for (const { key: rowKey } of rows) {
      const bucket = buckets.get(rowKey.readUInt32BE())
      const key = decodeName(rowKey)
      // Both are read in this turn, so they are of one moment.
      const value = tables.current.get(rowKey)
      if (value === undefined || bucket === undefined) continue
      const newest = tryDecode(() => findNewestBut(tables, bucket, { key, removed: new Set() }))
      const isRight =
        newest?.entry.deleteMarker === false && encodeCurrentRow(newest.entry).equals(value)
      if (!isRight) yield damagedRow('list', { bucket: bucket.name, key })
    }
  }
  for await (const rows of readPages(tables.versions, progress.signal)) {
    for (const { key: rowKey } of rows) {
      const { key } = decodeVersionKey(rowKey)
      const bucket = buckets.get(rowKey.readUInt32BE())
      if (bucket === undefined || tables.current.get(encodeName(bucket.id, key))) continue
      const newest = tryDecode(() => findNewestBut(tables, bucket, { key, removed: new Set() }))
      if (newest?.entry.deleteMarker === false)
        yield damagedRow('list', { bucket: bucket.name, key })
    }
  }
}

/** The parts of uploads that are not completed yet. */
async function* scrubParts(
  tables: Tables,
  work: {
    readonly progress: ScrubProgress
    readonly unnamed: Map<BodyId, unknown>
    readonly buckets: Buckets
  },
): AsyncGenerator<Finding, void> {
  const uploads = await nameUploads(tables, work.buckets)
  for await (const rows of readPages(tables.parts, work.progress.signal)) {
    for (const { key, value } of rows) {
      const name = uploads.get(key.toString('hex', 0, 16))
      const part = tryDecode(() => decodePartRow(0, value))
      const objects = name === undefined ? [] : [name]
      if (part === undefined) {
        yield { kind: 'row', message: 'The row of a part of an upload is damaged.', objects }
      }
      const damage = part && work.progress.damaged.get(part.body)
      if (part === undefined || damage === undefined) continue
      work.unnamed.delete(part.body)
      yield { ...damage, body: part.body.toString(16), objects }
    }
  }
}

async function nameUploads(
  tables: Tables,
  buckets: Buckets,
): Promise<ReadonlyMap<string, VersionName>> {
  const names = new Map<string, VersionName>()
  for await (const rows of readPages(tables.uploads)) {
    for (const { key } of rows) {
      const { uploadId, key: objectKey } = decodeUploadKey(key)
      names.set(uploadId, { bucket: bucketOf(buckets, key), key: objectKey })
    }
  }
  return names
}

function damagedRow(what: string, name: VersionName): Finding {
  const message = `The ${what} row of "${name.key}" in ${name.bucket} is damaged; restore it from a backup.`
  return { kind: 'row', message, objects: [name] }
}
