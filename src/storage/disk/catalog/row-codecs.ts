// Rows as JSON; behind the one of an inline body stand its bytes. Normative:
// docs/formats/disk-store.md.
import type { Change } from '../../change-feed.ts'
import type { NewVersion, Part, StoredDocument } from '../../object-store.ts'
import type { ObjectVersion, VersionEntry } from '../../object-version.ts'
import type { Retention } from '../../retention.ts'
import type { BodyId, BodyPlace } from '../bodies/bodies.ts'
import type {
  BlobRow,
  BodyNumbersRow,
  BucketRow,
  CompletionRow,
  PartOfBody,
  PartRow,
  PartsPlace,
  UploadRow,
  VersionRow,
} from './rows.ts'

const NEW_LINE = 0x0a

/** A 64-bit number as 16 hex digits: JSON's own numbers are exact up to 2^53 only. */
export function encodeHex(value: bigint): string {
  return value.toString(16).padStart(16, '0')
}

export function decodeHex(digits: string): bigint {
  return BigInt(`0x${digits}`)
}

export function encodeJson(row: unknown): Buffer {
  return Buffer.from(JSON.stringify(row))
}

// ---- buckets and documents

type BucketJson = Omit<BucketRow, 'name' | 'createdAt'> & { readonly createdAt: number }

export function encodeBucketRow(bucket: BucketRow): Buffer {
  const { name: _, createdAt, ...rest } = bucket
  return encodeJson({ ...rest, createdAt: createdAt.getTime() })
}

export function decodeBucketRow(name: string, bytes: Buffer): BucketRow {
  const { createdAt, ...rest }: BucketJson = JSON.parse(bytes.toString())
  return { name, createdAt: new Date(createdAt), ...rest }
}

type DocumentJson = { readonly content: string; readonly modifiedAt: number }

export function encodeDocument({ content, modifiedAt }: StoredDocument): Buffer {
  return encodeJson({ modifiedAt: modifiedAt.getTime(), content })
}

export function decodeDocument(name: string, bytes: Buffer): StoredDocument {
  const { content, modifiedAt }: DocumentJson = JSON.parse(bytes.toString())
  return { name, content, modifiedAt: new Date(modifiedAt) }
}

// ---- versions

type RetentionJson = Omit<Retention, 'until'> & { readonly until: number }
type BodyJson = { readonly body?: string; readonly manifest?: string }
type MarkerJson = {
  readonly deleteMarker: true
  readonly versionId: string
  readonly modifiedAt: number
  readonly owner: string
}
type VersionJson = BodyJson &
  Omit<
    ObjectVersion,
    'bucket' | 'key' | 'sequence' | 'modifiedAt' | 'deleteMarker' | 'retention' | 'legalHold'
  > & {
    readonly deleteMarker?: undefined
    readonly modifiedAt: number
    readonly retention?: RetentionJson
    readonly legalHold?: boolean
  }

type VersionFields = Omit<VersionJson, keyof BodyJson>

/** Where a version row lies, which the row itself does not repeat. */
export type VersionPlace = Pick<VersionEntry, 'bucket' | 'key' | 'sequence'>

export function encodeVersionRow({ entry, body, manifest }: VersionRow): Buffer {
  if (entry.deleteMarker) {
    const { versionId, modifiedAt, owner } = entry
    return encodeJson({ deleteMarker: true, versionId, modifiedAt: modifiedAt.getTime(), owner })
  }
  return encodeJson({
    ...toVersionJson(entry),
    body: encodeBodyId(body),
    manifest: encodeBodyId(manifest),
  })
}

export function decodeVersionRow(place: VersionPlace, bytes: Buffer): VersionRow {
  const row: VersionJson | MarkerJson = JSON.parse(bytes.toString())
  if (row.deleteMarker === true) {
    const entry = { ...row, ...place, modifiedAt: new Date(row.modifiedAt) }
    return { entry, body: undefined, manifest: undefined }
  }
  return {
    entry: fromVersionJson(place, row),
    body: decodeBodyId(row.body),
    manifest: decodeBodyId(row.manifest),
  }
}

/** A version as rows and records hold it, without what their keys say. */
export function toVersionJson(version: ObjectVersion): VersionFields {
  const { bucket: _, key: __, sequence: ___, deleteMarker: ____, ...rest } = version
  const { modifiedAt, retention, legalHold, ...plain } = rest
  return {
    ...plain,
    modifiedAt: modifiedAt.getTime(),
    ...(retention === undefined ? {} : { retention: encodeRetention(retention) }),
    ...(legalHold ? { legalHold } : {}),
  }
}

/** Field by field, as all reads do it: gathering what is left of a row costs as much as parsing. */
export function fromVersionJson(
  { bucket, key, sequence }: VersionPlace,
  row: VersionFields,
): ObjectVersion {
  const { versionId, owner, size, etag, headers, metadata, tags, storageClass } = row
  const { checksum, acl, partCount, retention, legalHold = false } = row
  return {
    bucket,
    key,
    sequence,
    versionId,
    deleteMarker: false,
    modifiedAt: new Date(row.modifiedAt),
    owner,
    size,
    etag,
    headers,
    metadata,
    tags,
    storageClass,
    legalHold,
    ...(checksum && { checksum }),
    ...(acl !== undefined && { acl }),
    ...(partCount !== undefined && { partCount }),
    ...(retention && { retention: decodeRetention(retention) }),
  }
}

function encodeRetention({ mode, until }: Retention): RetentionJson {
  return { mode, until: until.getTime() }
}

function decodeRetention({ mode, until }: RetentionJson): Retention {
  return { mode, until: new Date(until) }
}

function encodeBodyId(id: BodyId | undefined): string | undefined {
  return id === undefined ? undefined : encodeHex(id)
}

function decodeBodyId(digits: string | undefined): BodyId | undefined {
  return digits === undefined ? undefined : decodeHex(digits)
}

// ---- blobs

/** Where a body lies that is not in its row. */
type Outside = Exclude<BodyPlace, { readonly kind: 'inline' }> | PartsPlace

type PlaceJson =
  | {
      readonly place: 'segment'
      readonly segment: number
      readonly offset: number
      readonly length: number
    }
  | { readonly place: 'file' }
  | { readonly place: 'parts' }

type BlobJson = { readonly references: number; readonly size: number } & (
  | { readonly place: 'inline'; readonly crc32c: number }
  | PlaceJson
)

export function encodeBlobRow({ references, size, place }: BlobRow): Buffer {
  if (place.kind !== 'inline') return encodeJson({ references, size, ...toPlaceJson(place) })
  const { bytes, crc32c } = place
  const head = `${JSON.stringify({ references, size, place: 'inline', crc32c })}\n`
  return Buffer.concat([Buffer.from(head), bytes])
}

export function decodeBlobRow(bytes: Buffer): BlobRow {
  const headEnd = bytes.indexOf(NEW_LINE)
  const head = headEnd === -1 ? bytes : bytes.subarray(0, headEnd)
  const { references, size, ...where }: BlobJson = JSON.parse(head.toString())
  const place =
    where.place === 'inline'
      ? ({ kind: 'inline', bytes: bytes.subarray(headEnd + 1), crc32c: where.crc32c } as const)
      : fromPlaceJson(where)
  return { references, size, place }
}

/** A row of `garbage`. */
export function encodePlace(place: Outside): Buffer {
  return encodeJson(toPlaceJson(place))
}

export function decodePlace(bytes: Buffer): Exclude<Outside, PartsPlace> {
  const json: Exclude<PlaceJson, { readonly place: 'parts' }> = JSON.parse(bytes.toString())
  return fromPlaceJson(json)
}

function toPlaceJson({ kind, ...where }: Outside): object {
  return { place: kind, ...where }
}

function fromPlaceJson<Json extends PlaceJson>(
  json: Json,
): Extract<Outside, { readonly kind: Json['place'] }>
function fromPlaceJson(json: PlaceJson): Outside {
  if (json.place !== 'segment') return { kind: json.place }
  const { segment, offset, length } = json
  return { kind: 'segment', segment, offset, length }
}

type PartOfBodyJson = Omit<PartOfBody, 'body'> & { readonly body: string }

export function encodePartsOf(parts: readonly PartOfBody[]): Buffer {
  return encodeJson(toPartsJson(parts))
}

export function toPartsJson(parts: readonly PartOfBody[]): readonly PartOfBodyJson[] {
  return parts.map(({ body, ...part }) => ({ ...part, body: encodeHex(body) }))
}

export function decodePartsOf(bytes: Buffer): readonly PartOfBody[] {
  const rows: readonly PartOfBodyJson[] = JSON.parse(bytes.toString())
  return rows.map(({ body, ...part }) => ({ ...part, body: decodeHex(body) }))
}

/** A row of `segments`: how many of its bytes some row names. */
export function encodeLiveBytes(liveBytes: number): Buffer {
  return encodeJson({ liveBytes })
}

export function decodeLiveBytes(bytes: Buffer): number {
  const { liveBytes }: { readonly liveBytes: number } = JSON.parse(bytes.toString())
  return liveBytes
}

// ---- uploads

type NewVersionJson = Omit<NewVersion, 'retention'> & { readonly retention?: RetentionJson }
type UploadJson = Pick<UploadRow, 'checksum' | 'initiator'> & {
  readonly begunAt: number
  readonly newVersion: NewVersionJson
}

export function encodeUploadRow({ begunAt, initiator, newVersion, checksum }: UploadRow): Buffer {
  const { retention, ...plain } = newVersion
  return encodeJson({
    begunAt: begunAt.getTime(),
    initiator,
    checksum,
    newVersion: {
      ...plain,
      ...(retention === undefined ? {} : { retention: encodeRetention(retention) }),
    },
  })
}

export function decodeUploadRow(
  name: Pick<UploadRow, 'bucket' | 'key' | 'uploadId'>,
  bytes: Buffer,
): UploadRow {
  const { begunAt, newVersion, ...rest }: UploadJson = JSON.parse(bytes.toString())
  const { retention, ...plain } = newVersion
  return {
    ...name,
    begunAt: new Date(begunAt),
    newVersion:
      retention === undefined ? plain : { ...plain, retention: decodeRetention(retention) },
    ...rest,
  }
}

type PartFields = Omit<Part, 'partNumber' | 'modifiedAt'> & { readonly modifiedAt: number }
type PartJson = PartFields & { readonly body: string; readonly manifest?: string }

export function encodePartRow({ body, manifest, ...part }: PartRow): Buffer {
  return encodeJson({
    ...toPartJson(part),
    body: encodeHex(body),
    manifest: encodeBodyId(manifest),
  })
}

/** A part as rows and records hold it, without its number. */
export function toPartJson(part: Part): PartFields {
  const { size, etag, checksum, modifiedAt } = part
  return {
    size,
    etag,
    ...(checksum === undefined ? {} : { checksum }),
    modifiedAt: modifiedAt.getTime(),
  }
}

export function decodePartRow(partNumber: number, bytes: Buffer): PartRow {
  const { modifiedAt, body, manifest, ...rest }: PartJson = JSON.parse(bytes.toString())
  return {
    partNumber,
    ...rest,
    modifiedAt: new Date(modifiedAt),
    body: decodeHex(body),
    manifest: decodeBodyId(manifest),
  }
}

type CompletionJson = Omit<VersionPlace, 'sequence'> & {
  readonly sequence: string
  readonly completedAt: number
  readonly version: VersionFields
}

export function encodeCompletion({ version, completedAt }: CompletionRow): Buffer {
  const { bucket, key, sequence } = version
  return encodeJson({
    completedAt: completedAt.getTime(),
    bucket,
    key,
    sequence: encodeHex(sequence),
    version: toVersionJson(version),
  })
}

export function decodeCompletion(bytes: Buffer): CompletionRow {
  const { completedAt, bucket, key, sequence, version }: CompletionJson = JSON.parse(
    bytes.toString(),
  )
  return {
    completedAt: new Date(completedAt),
    version: fromVersionJson({ bucket, key, sequence: decodeHex(sequence) }, version),
  }
}

// ---- changes and counters

type ChangeJson = Omit<Change, 'sequence' | 'at'> & { readonly at: number }

export function encodeChange(change: Change): Buffer {
  const { sequence: _, at, ...rest } = change
  return encodeJson({ at: at.getTime(), ...rest })
}

export function decodeChange(sequence: bigint, bytes: Buffer): Change {
  const { at, ...rest }: ChangeJson = JSON.parse(bytes.toString())
  return { ...rest, sequence, at: new Date(at) }
}

type BodyNumbersJson = { readonly floor: string; readonly limit: string }

export function encodeBodyNumbers({ floor, limit }: BodyNumbersRow): Buffer {
  return encodeJson({ floor: encodeHex(floor), limit: encodeHex(limit) })
}

export function decodeBodyNumbers(bytes: Buffer): BodyNumbersRow {
  const { floor, limit }: BodyNumbersJson = JSON.parse(bytes.toString())
  return { floor: decodeHex(floor), limit: decodeHex(limit) }
}
