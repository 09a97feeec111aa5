import type { Tables } from '../catalog/tables.ts'
import { decodeNumber, decodePartNumber, decodeUploadKey } from '../catalog/key-encoding.ts'
import { decodeVersionKey } from '../catalog/key-encoding.ts'
import {
  decodeBlobRow,
  decodeBucketRow,
  decodePartRow,
  decodePartsOf,
  decodeUploadRow,
  decodeVersionRow,
} from '../catalog/row-codecs.ts'
import { type RepairModel, type RepairedUpload, versionKey } from './repair-model.ts'

/** Takes over what the catalog of a backup says; places outside it are those of then. */
export function loadBackup(tables: Tables, model: RepairModel): void {
  const names = new Map<number, string>()
  for (const { key, value } of tables.buckets.getRange({})) {
    const bucket = decodeBucketRow(Buffer.from(key).toString(), value)
    model.buckets.set(bucket.name, bucket)
    names.set(bucket.id, bucket.name)
  }
  for (const { key, value } of tables.versions.getRange({})) {
    const bucket = names.get(key.readUInt32BE()) ?? ''
    const place = { bucket, ...decodeVersionKey(key) }
    const row = decodeVersionRow(place, value)
    model.versions.set(versionKey(place), { row, source: 'backup' })
  }
  loadBodies(tables, model)
  loadUploads(tables, model, names)
}

function loadBodies(tables: Tables, model: RepairModel): void {
  for (const { key, value } of tables.blobs.getRange({})) {
    const id = decodeNumber(key)
    const { size, place } = decodeBlobRow(value)
    if (place.kind === 'parts') continue
    // What lies outside the catalog was moved or deleted since: the folder says what is there.
    if (place.kind !== 'inline') continue
    const bytes = Uint8Array.from(place.bytes)
    model.bodies.set(id, { id, size, place: { ...place, bytes } })
  }
  for (const { key, value } of tables['parts-of'].getRange({})) {
    model.partsOf.set(decodeNumber(key), decodePartsOf(value))
  }
}

function loadUploads(tables: Tables, model: RepairModel, names: ReadonlyMap<number, string>): void {
  for (const { key, value } of tables.uploads.getRange({})) {
    const bucket = names.get(key.readUInt32BE()) ?? ''
    const place = { bucket, ...decodeUploadKey(key) }
    const upload: RepairedUpload = { upload: decodeUploadRow(place, value), parts: new Map() }
    model.uploads.set(place.uploadId, upload)
  }
  for (const { key, value } of tables.parts.getRange({})) {
    const partNumber = decodePartNumber(key)
    const row = decodePartRow(partNumber, value)
    model.uploads.get(key.toString('hex', 0, 16))?.parts.set(partNumber, row)
  }
}
