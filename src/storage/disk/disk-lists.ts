// Pages of keys, versions and uploads. A page is read in one go, so it is of one moment.
import { collectPage, type Page, type SeekRows } from '../list-page.ts'
import type {
  ListOptions,
  ListUploadsOptions,
  ListVersionsOptions,
  ObjectPage,
  ObjectSummary,
  UploadPage,
  VersionPage,
} from '../object-store.ts'
import { sequenceOfVersionId } from '../version-id.ts'
import { findVersion, getBucket } from './catalog/catalog.ts'
import {
  decodeUploadKey,
  decodeVersionKey,
  encodeKeyStart,
  encodeUploadKey,
  encodeVersionKey,
  rangeOfBucket,
} from './catalog/key-encoding.ts'
import { decodeCurrentRow } from './catalog/current-row.ts'
import { decodeUploadRow, decodeVersionRow } from './catalog/row-codecs.ts'
import type { BucketRow, UploadRow } from './catalog/rows.ts'
import type { Tables } from './catalog/tables.ts'

export function listObjects(tables: Tables, bucket: string, options: ListOptions): ObjectPage {
  const { id } = getBucket(tables, bucket)
  const { startAfter, ...rest } = options
  const seek: SeekRows<ObjectSummary> = (from) =>
    tables.listed
      .getRange({ start: [id, from], end: [id + 1, ''] })
      .map(({ key: [, key], value }) => decodeCurrentRow(key, value))
  const after = startAfter === undefined ? {} : { after: { key: startAfter } }
  const { rows, prefixes, next } = collectPage(seek, { ...rest, ...after })
  return { objects: rows, prefixes, ...(next === undefined ? {} : { next: next.key }) }
}

type ListedVersion = VersionPage['versions'][number]

export function listVersions(
  tables: Tables,
  bucketName: string,
  options: ListVersionsOptions,
): VersionPage {
  const bucket = getBucket(tables, bucketName)
  const { after, ...rest } = options
  const seek: SeekRows<ListedVersion> = (from, pastId) =>
    seekVersions(tables, bucket, { from, pastId })
  const page = collectPage(seek, { ...rest, ...positionOf(after?.key, after?.versionId) })
  return {
    versions: page.rows,
    prefixes: page.prefixes,
    ...nextOf(page, ({ versionId }) => ({ versionId })),
  }
}

function* seekVersions(
  tables: Tables,
  bucket: BucketRow,
  { from, pastId }: { readonly from: string; readonly pastId: string | undefined },
): Generator<ListedVersion, void> {
  const past = pastId === undefined ? undefined : sequenceOf(tables, bucket, { key: from, pastId })
  const start =
    past === undefined
      ? encodeKeyStart(bucket.id, from)
      : encodeVersionKey(bucket.id, from, past - 1n)
  // What stands before the start has shown the newest of its key.
  let shown = past === undefined ? undefined : from
  const { end } = rangeOfBucket(bucket.id)
  for (const { key: rowKey, value } of tables.versions.getRange({ start, end })) {
    const { key, sequence } = decodeVersionKey(rowKey)
    const { entry } = decodeVersionRow({ bucket: bucket.name, key, sequence }, value)
    yield { ...entry, isLatest: key !== shown }
    shown = key
  }
}

/** The version may be gone by now: then its id tells where it stood, unless it was `null`. */
function sequenceOf(
  tables: Tables,
  bucket: BucketRow,
  { key, pastId }: { readonly key: string; readonly pastId: string },
): bigint | undefined {
  const found = findVersion(tables, bucket, { key, versionId: pastId })
  return found?.entry.sequence ?? sequenceOfVersionId(pastId)
}

export function listUploads(
  tables: Tables,
  bucket: string,
  options: ListUploadsOptions,
): UploadPage {
  const { id } = getBucket(tables, bucket)
  const { end } = rangeOfBucket(id)
  const { after, ...rest } = options
  const seek: SeekRows<UploadRow> = (from, pastId) => {
    const isPast = pastId !== undefined && UPLOAD_ID.test(pastId)
    const start = isPast ? encodeUploadKey(id, from, pastId) : encodeKeyStart(id, from)
    return tables.uploads
      .getRange({ start, end, exclusiveStart: isPast })
      .map(({ key, value }) => decodeUploadRow({ bucket, ...decodeUploadKey(key) }, value))
  }
  const page = collectPage(seek, { ...rest, ...positionOf(after?.key, after?.uploadId) })
  return {
    uploads: page.rows,
    prefixes: page.prefixes,
    ...nextOf(page, ({ uploadId }) => ({ uploadId })),
  }
}

const UPLOAD_ID = /^[0-9a-f]{32}$/

function positionOf(
  key: string | undefined,
  id: string | undefined,
): { readonly after?: { readonly key: string; readonly id?: string } } {
  if (key === undefined) return {}
  return { after: id === undefined ? { key } : { key, id } }
}

/** Where the next page begins; after a common prefix, no row is named. */
function nextOf<Row, Id extends object>(
  { next }: Page<Row>,
  idOf: (row: Row) => Id,
): { readonly next?: { readonly key: string } & Partial<Id> } {
  if (next === undefined) return {}
  const id: Partial<Id> = next.row === undefined ? {} : idOf(next.row)
  return { next: { key: next.key, ...id } }
}
