// The other direction of body-records.ts: what a record says, in the words of the catalog's rows.
import type { VersionEntry } from '../../object-version.ts'
import type { BodyId, BodyRecord } from '../bodies/bodies.ts'
import {
  decodeHex,
  decodePartRow,
  decodePartsOf,
  decodeVersionRow,
  encodeJson,
} from '../catalog/row-codecs.ts'
import type { PartOfBody, PartRow } from '../catalog/rows.ts'

/** What a record says. `body` is absent where it is the body beside which the record lies. */
export type ReadRecord =
  | {
      readonly kind: 'version'
      readonly entry: VersionEntry
      readonly body: BodyId | undefined
      /** Of a completed upload. */
      readonly made?: { readonly uploadId: string; readonly parts: readonly PartOfBody[] }
    }
  | {
      readonly kind: 'part'
      readonly bucket: string
      readonly key: string
      readonly uploadId: string
      readonly part: Omit<PartRow, 'body' | 'manifest'>
      readonly body: BodyId | undefined
    }
  | { readonly kind: 'prepared'; readonly bucket: string }

/** Undefined for a record that is of no kind that this version knows. */
export function readRecord(record: BodyRecord): ReadRecord | undefined {
  try {
    return decodeRecord(record)
  } catch {
    return undefined
  }
}

function decodeRecord(record: BodyRecord): ReadRecord | undefined {
  const body = typeof record['body'] === 'string' ? decodeHex(record['body']) : undefined
  switch (record['kind']) {
    case 'object':
    case 'copy':
      return { kind: 'version', entry: readVersion(record), body }
    case 'complete': {
      const parts = decodePartsOf(encodeJson(record['parts']))
      const made = { uploadId: readText(record, 'uploadId'), parts }
      return { kind: 'version', entry: readVersion(record), body, made }
    }
    case 'part':
    case 'part-copy': {
      const {
        body: _,
        manifest: __,
        ...part
      } = decodePartRow(
        Number(record['partNumber']),
        // A part's row also names a body, which is known only by where the record lies.
        encodeJson(Object.assign({ body: '0' }, record['part'])),
      )
      return {
        kind: 'part',
        bucket: readText(record, 'bucket'),
        key: readText(record, 'key'),
        uploadId: readText(record, 'uploadId'),
        part,
        body,
      }
    }
    case 'prepared':
      return { kind: 'prepared', bucket: readText(record, 'bucket') }
    default:
      return undefined
  }
}

function readVersion(record: BodyRecord): VersionEntry {
  const place = {
    bucket: readText(record, 'bucket'),
    key: readText(record, 'key'),
    sequence: decodeHex(readText(record, 'sequence')),
  }
  return decodeVersionRow(place, encodeJson(record['version'])).entry
}

function readText(record: BodyRecord, name: string): string {
  const value = record[name]
  if (typeof value === 'string') return value
  throw new TypeError(`The record has no ${name}.`)
}
