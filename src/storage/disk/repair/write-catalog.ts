import { NOBODY, type Change } from '../../change-feed.ts'
import { NULL_VERSION } from '../../object-version.ts'
import type { BodyId } from '../bodies/bodies.ts'
import { BODY_NUMBERS_ROW } from '../body-numbers.ts'
import {
  decodeNumber,
  encodeName,
  encodeNumber,
  encodePartKey,
  encodeUploadKey,
  encodeVersionKey,
  encodeWholeKey,
} from '../catalog/key-encoding.ts'
import { encodeCurrentRow } from '../catalog/current-row.ts'
import {
  encodeBlobRow,
  encodeBodyNumbers,
  encodeBucketRow,
  encodeChange,
  encodeLiveBytes,
  encodePartRow,
  encodePartsOf,
  encodeUploadRow,
  encodeVersionRow,
} from '../catalog/row-codecs.ts'
import type { BucketRow, VersionRow } from '../catalog/rows.ts'
import type { Table, TableName, Tables } from '../catalog/tables.ts'
import { NEXT_BUCKET_ID_ROW } from '../disk-buckets.ts'
import { UNNUMBERED } from './apply-records.ts'
import { countNames, type RepairModel } from './repair-model.ts'

type Row = { readonly table: Table; readonly key: Buffer; readonly value: Buffer }

export type CatalogSources = {
  readonly model: RepairModel
  /** The catalog of the backup, if there is one. */
  readonly backup: Tables | undefined
  readonly highestBody: BodyId
  readonly now: Date
}

/** Rows so many are written by one commit. */
const BATCH = 4096
/** What the backup alone knows and the folder cannot contradict. */
const TAKEN_OVER = ['changes', 'documents', 'completions'] as const satisfies readonly TableName[]

/** Fills the empty tables; a gap in the feed tells its readers that changes may be missing. */
export async function writeCatalog(tables: Tables, sources: CatalogSources): Promise<void> {
  let batch: Row[] = []
  for (const row of rowsOf(tables, sources)) {
    batch.push(row)
    if (batch.length < BATCH) continue
    await write(tables, batch)
    batch = []
  }
  await write(tables, batch)
}

async function write({ environment }: Tables, rows: readonly Row[]): Promise<void> {
  await environment.transaction(() => {
    for (const { table, key, value } of rows) void table.put(key, value)
  })
}

function* rowsOf(tables: Tables, sources: CatalogSources): Generator<Row, void> {
  const { model, backup } = sources
  const buckets = numberBuckets(model)
  for (const bucket of buckets.values()) {
    const key = Buffer.from(bucket.name)
    yield { table: tables.buckets, key, value: encodeBucketRow(bucket) }
  }
  yield* versionRows(tables, model, buckets)
  yield* bodyRows(tables, model)
  yield* uploadRows(tables, model, buckets)
  for (const name of backup === undefined ? [] : TAKEN_OVER) {
    for (const { key, value } of backup?.[name].getRange({}) ?? []) {
      yield { table: tables[name], key: Buffer.from(key), value }
    }
  }
  yield* counterRows(tables, sources, buckets)
}

type Buckets = ReadonlyMap<string, BucketRow>

function numberBuckets(model: RepairModel): Buckets {
  let last = Math.max(0, ...[...model.buckets.values()].map(({ id }) => id))
  const numbered = [...model.buckets].map(([name, bucket]): [string, BucketRow] => [
    name,
    bucket.id === UNNUMBERED ? { ...bucket, id: ++last } : bucket,
  ])
  return new Map(numbered)
}

function* versionRows(tables: Tables, model: RepairModel, buckets: Buckets): Generator<Row, void> {
  for (const rows of groupByKey(model)) {
    const [newest] = rows
    const bucketId = newest === undefined ? undefined : buckets.get(newest.entry.bucket)?.id
    if (newest === undefined || bucketId === undefined) continue
    const { key } = newest.entry
    for (const row of rows) {
      const rowKey = encodeVersionKey(bucketId, key, row.entry.sequence)
      yield { table: tables.versions, key: rowKey, value: encodeVersionRow(row) }
    }
    if (!newest.entry.deleteMarker) {
      const value = encodeCurrentRow(newest.entry)
      yield { table: tables.current, key: encodeName(bucketId, key), value }
    }
    const older = rows.find(({ entry }) => entry.versionId === NULL_VERSION)
    if (older !== undefined && older !== newest) {
      const value = encodeNumber(older.entry.sequence)
      yield { table: tables.nulls, key: encodeWholeKey(bucketId, key), value }
    }
  }
}

/** The versions of each key, newest first. */
function groupByKey(model: RepairModel): Iterable<readonly VersionRow[]> {
  const rows = [...model.versions.values()].map(({ row }) => row)
  const groups = Map.groupBy(rows, ({ entry }) => `${entry.bucket}/${entry.key}`)
  return groups
    .values()
    .map((group) =>
      group.toSorted((one, other) => (one.entry.sequence > other.entry.sequence ? -1 : 1)),
    )
}

function* bodyRows(tables: Tables, model: RepairModel): Generator<Row, void> {
  const live = new Map<number, number>()
  for (const [id, references] of countNames(model)) {
    const key = encodeNumber(id)
    const parts = model.partsOf.get(id)
    const body = model.bodies.get(id)
    if (parts !== undefined) {
      const size = parts.reduce((total, part) => total + part.size, 0)
      const value = encodeBlobRow({ references, size, place: { kind: 'parts' } })
      yield { table: tables.blobs, key, value }
      yield { table: tables['parts-of'], key, value: encodePartsOf(parts) }
    } else if (body !== undefined) {
      const { size, place } = body
      yield { table: tables.blobs, key, value: encodeBlobRow({ references, size, place }) }
      if (place.kind !== 'segment') continue
      live.set(place.segment, (live.get(place.segment) ?? 0) + place.length)
    }
  }
  for (const [segment, bytes] of live) {
    const key = encodeNumber(BigInt(segment))
    yield { table: tables.segments, key, value: encodeLiveBytes(bytes) }
  }
}

function* uploadRows(tables: Tables, model: RepairModel, buckets: Buckets): Generator<Row, void> {
  for (const { upload, parts } of model.uploads.values()) {
    const bucketId = buckets.get(upload.bucket)?.id
    if (bucketId === undefined) continue
    const key = encodeUploadKey(bucketId, upload.key, upload.uploadId)
    yield { table: tables.uploads, key, value: encodeUploadRow(upload) }
    for (const part of parts.values()) {
      const partKey = encodePartKey(upload.uploadId, part.partNumber)
      yield { table: tables.parts, key: partKey, value: encodePartRow(part) }
    }
  }
}

function* counterRows(
  tables: Tables,
  { model, backup, highestBody, now }: CatalogSources,
  buckets: Buckets,
): Generator<Row, void> {
  const numbers = [highestBody, ...model.bodies.keys(), ...model.partsOf.keys()]
  const next = numbers.reduce((highest, id) => (id > highest ? id : highest)) + 1n
  const bodyNumbers = encodeBodyNumbers({ floor: next, limit: next })
  yield { table: tables.meta, key: BODY_NUMBERS_ROW, value: bodyNumbers }
  const lastBucket = Math.max(0, ...[...buckets.values()].map(({ id }) => id))
  const nextBucket = backup?.meta.get(NEXT_BUCKET_ID_ROW)
  const nextBucketId = Math.max(lastBucket + 1, nextBucket ? Number(decodeNumber(nextBucket)) : 1)
  const value = encodeNumber(BigInt(nextBucketId))
  yield { table: tables.meta, key: NEXT_BUCKET_ID_ROW, value }
  const gap = gapAfter(model, backup, now)
  yield { table: tables.changes, key: encodeNumber(gap.sequence), value: encodeChange(gap) }
}

/** Later than everything that is known, and than anything that may have been. */
function gapAfter(model: RepairModel, backup: Tables | undefined, now: Date): Change {
  const sequences = [...model.versions.values()].map(({ row }) => row.entry.sequence)
  for (const key of backup?.changes.getKeys({ reverse: true, limit: 1 }) ?? []) {
    sequences.push(decodeNumber(Buffer.from(key)))
  }
  const nowNs = BigInt(now.getTime()) * 1_000_000n
  const highest = sequences.reduce((one, other) => (one > other ? one : other), nowNs)
  const sequence = highest + 1n
  return { formatVersion: 1, sequence, at: now, operation: 'Gap', bucket: '', origin: NOBODY }
}
