// What is written beside bytes outside the catalog, so that `repair` can rebuild rows from them.
// Normative: docs/formats/disk-store.md, section Records.
import type { Part, PartName } from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import type { BodyId, BodyRecord } from './bodies/bodies.ts'
import { encodeHex, toPartJson, toPartsJson, toVersionJson } from './catalog/row-codecs.ts'
import type { PartOfBody } from './catalog/rows.ts'

/** Beside the bytes of an object that was stored in one piece. */
export function objectRecord(version: ObjectVersion): BodyRecord {
  return { kind: 'object', ...describeVersion(version) }
}

/** Beside the bytes of a part of an upload. */
export function partRecord(name: PartName, part: Part): BodyRecord {
  return { kind: 'part', ...describePart(name, part) }
}

/** Beside bytes that a commit of many will name. */
export function preparedRecord(bucket: string): BodyRecord {
  return { kind: 'prepared', bucket }
}

/** For a copy, whose bytes lie where those of its source lie. */
export function copyRecord(version: ObjectVersion, body: BodyId): BodyRecord {
  return { kind: 'copy', ...describeVersion(version), body: encodeHex(body) }
}

/** For a part that was copied from a whole object. */
export function partCopyRecord(name: PartName, part: Part, body: BodyId): BodyRecord {
  return { kind: 'part-copy', ...describePart(name, part), body: encodeHex(body) }
}

/** For a completed upload, whose bytes lie where those of its parts lie. */
export function completeRecord(version: ObjectVersion, made: MadeOfParts): BodyRecord {
  const { body, uploadId, parts } = made
  return {
    kind: 'complete',
    ...describeVersion(version),
    uploadId,
    body: encodeHex(body),
    parts: toPartsJson(parts),
  }
}

type MadeOfParts = {
  readonly body: BodyId
  readonly uploadId: string
  readonly parts: readonly PartOfBody[]
}

function describeVersion(version: ObjectVersion): BodyRecord {
  const { bucket, key, sequence } = version
  return { bucket, key, sequence: encodeHex(sequence), version: toVersionJson(version) }
}

function describePart({ bucket, key, uploadId }: PartName, part: Part): BodyRecord {
  return { bucket, key, uploadId, partNumber: part.partNumber, part: toPartJson(part) }
}
