// What lists show of a key: a row of its own, so that a list reads nothing else.
import type { ObjectSummary } from '../../object-store.ts'
import type { ObjectVersion } from '../../object-version.ts'
import { decodeHex, encodeHex, encodeJson } from './row-codecs.ts'

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

/** Field by field: gathering what is left of a row costs more than parsing it. */
export function decodeCurrentRow(key: string, text: string): ObjectSummary {
  const row: CurrentJson = JSON.parse(text)
  const { versionId, size, etag, owner, storageClass, checksum } = row
  const modifiedAt = new Date(row.modifiedAt)
  if (checksum === undefined) {
    return { key, versionId, size, etag, modifiedAt, owner, storageClass }
  }
  return { key, versionId, size, etag, modifiedAt, owner, storageClass, checksum }
}

/** The sequence of the version that the key shows, without parsing the rest of the row. */
export function decodeCurrentSequence(bytes: Buffer): bigint {
  const digitsAt = '{"sequence":"'.length
  return decodeHex(bytes.toString('latin1', digitsAt, digitsAt + 16))
}
