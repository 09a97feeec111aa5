import type { Unproved } from '../../maintenance.ts'
import type { VersionName } from '../../object-store.ts'
import type { BodyId, StoredBody } from '../bodies/bodies.ts'
import type { BucketRow, PartOfBody, PartRow, UploadRow, VersionRow } from '../catalog/rows.ts'

/** The catalog that a repair puts together, in memory. */
export type RepairModel = {
  readonly buckets: Map<string, BucketRow>
  /** By bucket, key and sequence, so that a backup and a record of the same version are one. */
  readonly versions: Map<string, RepairedVersion>
  /** Bodies by their ids: those of the backup's rows, and those that were found. */
  readonly bodies: Map<BodyId, StoredBody>
  readonly partsOf: Map<BodyId, readonly PartOfBody[]>
  readonly uploads: Map<string, RepairedUpload>
  readonly unproved: Unproved[]
}

export type RepairedVersion = { readonly row: VersionRow; readonly source: 'record' | 'backup' }

export type RepairedUpload = { readonly upload: UploadRow; readonly parts: Map<number, PartRow> }

export function createModel(): RepairModel {
  return {
    buckets: new Map(),
    versions: new Map(),
    bodies: new Map(),
    partsOf: new Map(),
    uploads: new Map(),
    unproved: [],
  }
}

type VersionKey = { readonly bucket: string; readonly key: string; readonly sequence: bigint }

/** Bucket names hold no slash, and the sequence comes before the key, so no two are alike. */
export function versionKey({ bucket, key, sequence }: VersionKey): string {
  return `${bucket}/${sequence}/${key}`
}

export function versionName({ row: { entry } }: RepairedVersion): VersionName {
  return { bucket: entry.bucket, key: entry.key, versionId: entry.versionId }
}

/** Whether all the bytes of a body are there. */
export function hasBody(model: RepairModel, id: BodyId): boolean {
  if (model.bodies.has(id)) return true
  const parts = model.partsOf.get(id)
  return parts !== undefined && parts.every(({ body }) => model.bodies.has(body))
}

/** How many rows name each body. */
export function countNames(model: RepairModel): ReadonlyMap<BodyId, number> {
  const counts = new Map<BodyId, number>()
  const note = (id: BodyId | undefined): void => {
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  for (const { row } of model.versions.values()) {
    note(row.body)
    note(row.manifest)
  }
  for (const { parts } of model.uploads.values()) {
    for (const { body, manifest } of parts.values()) {
      note(body)
      note(manifest)
    }
  }
  for (const [id, parts] of model.partsOf) {
    // Parts count for bodies that something names.
    if (counts.has(id)) for (const { body } of parts) note(body)
  }
  return counts
}
