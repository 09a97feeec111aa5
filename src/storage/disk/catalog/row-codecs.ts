// Rows as JSON; behind the one of an inline body stand its bytes. Normative: docs/formats/disk-store.md.
import type { Change } from '../../change-feed.ts'
import type { NewVersion, ObjectSummary, Part, StoredDocument } from '../../object-store.ts'
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

/** What a row says; its writer was this file, so its shape is not checked again. */
export function decodeJson<Row>(bytes: Buffer): Row {
  return JSON.parse(bytes.toString('utf8')) as Row
}

// ---- buckets and documents

type BucketJson = Omit<BucketRow, 'name' | 'createdAt'> & { readonly createdAt: number }

export function encodeBucketRow({ name: _, createdAt, ...rest }: BucketRow): Buffer {
  return encodeJson({ ...rest, createdAt: createdAt.getTime() })
}

export function decodeBucketRow(name: string, bytes: Buffer): BucketRow {
  const { createdAt, ...rest } = decodeJson<BucketJson>(bytes)
  return { name, createdAt: new Date(createdAt), ...rest }
}

export function encodeDocument({ content, modifiedAt }: StoredDocument): Buffer {
  return encodeJson({ modifiedAt: modifiedAt.getTime(), content })
}

export function decodeDocument(name: string, bytes: Buffer): StoredDocument {
  const { content, modifiedAt } = decodeJson<{ content: string; modifiedAt: number }>(bytes)
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
  const row = decodeJson<VersionJson | MarkerJson>(bytes)
  if (row.deleteMarker === true) {
    const entry = { ...row, ...place, modifiedAt: new Date(row.modifiedAt) }
    return { entry, body: undefined, manifest: undefined }
  }
  const { body, manifest, ...version } = row
  return {
    entry: fromVersionJson(place, version),
    body: decodeBodyId(body),
    manifest: decodeBodyId(manifest),
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

export function fromVersionJson(place: VersionPlace, row: VersionFields): ObjectVersion {
  const { modifiedAt, retention, legalHold = false, deleteMarker: _, ...plain } = row
  return {
    ...plain,
    ...place,
    deleteMarker: false,
    modifiedAt: new Date(modifiedAt),
    legalHold,
    ...(retention === undefined ? {} : { retention: decodeRetention(retention) }),
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

// ---- current: what lists show

type CurrentJson = Omit<ObjectSummary, 'key' | 'modifiedAt'> & {
  readonly sequence: string
  readonly modifiedAt: number
}

export function encodeCurrentRow(version: ObjectVersion): Buffer {
  const { sequence, versionId, size, etag, modifiedAt, owner, storageClass, checksum } = version
  return encodeJson({
    sequence: encodeHex(sequence),
    versionId,
    size,
    etag,
    modifiedAt: modifiedAt.getTime(),
    owner,
    storageClass,
    checksum,
  })
}

export function decodeCurrentRow(key: string, bytes: Buffer): ObjectSummary {
  const { sequence: _, modifiedAt, ...rest } = decodeJson<CurrentJson>(bytes)
  return { key, ...rest, modifiedAt: new Date(modifiedAt) }
}

/** The sequence of the version that the key shows, without parsing the rest of the row. */
export function decodeCurrentSequence(bytes: Buffer): bigint {
  const digitsAt = '{"sequence":"'.length
  return decodeHex(bytes.toString('latin1', digitsAt, digitsAt + 16))
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
  const { references, size, ...where } = decodeJson<BlobJson>(head)
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
  return fromPlaceJson(decodeJson<Exclude<PlaceJson, { readonly place: 'parts' }>>(bytes))
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
  return decodeJson<readonly PartOfBodyJson[]>(bytes).map(({ body, ...part }) => ({
    ...part,
    body: decodeHex(body),
  }))
}

// ---- uploads

type NewVersionJson = Omit<NewVersion, 'retention'> & { readonly retention?: RetentionJson }
type UploadJson = Pick<UploadRow, 'checksum'> & {
  readonly begunAt: number
  readonly newVersion: NewVersionJson
}

export function encodeUploadRow({ begunAt, newVersion, checksum }: UploadRow): Buffer {
  const { retention, ...plain } = newVersion
  return encodeJson({
    begunAt: begunAt.getTime(),
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
  const { begunAt, newVersion, ...rest } = decodeJson<UploadJson>(bytes)
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
  const { modifiedAt, body, manifest, ...rest } = decodeJson<PartJson>(bytes)
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
  const { completedAt, bucket, key, sequence, version } = decodeJson<CompletionJson>(bytes)
  return {
    completedAt: new Date(completedAt),
    version: fromVersionJson({ bucket, key, sequence: decodeHex(sequence) }, version),
  }
}

// ---- changes and counters

type ChangeJson = Omit<Change, 'sequence' | 'at'> & { readonly at: number }

export function encodeChange({ sequence: _, at, ...rest }: Change): Buffer {
  return encodeJson({ at: at.getTime(), ...rest })
}

export function decodeChange(sequence: bigint, bytes: Buffer): Change {
  const { at, ...rest } = decodeJson<ChangeJson>(bytes)
  return { ...rest, sequence, at: new Date(at) }
}

export function encodeBodyNumbers({ floor, limit }: BodyNumbersRow): Buffer {
  return encodeJson({ floor: encodeHex(floor), limit: encodeHex(limit) })
}

export function decodeBodyNumbers(bytes: Buffer): BodyNumbersRow {
  const { floor, limit } = decodeJson<{ floor: string; limit: string }>(bytes)
  return { floor: decodeHex(floor), limit: decodeHex(limit) }
}
