import type { VersionEntry } from '../../object-version.ts'
import type { BodyId } from '../bodies/bodies.ts'
import { readRecord, type ReadRecord } from './read-record.ts'
import { type RepairModel, versionKey } from './repair-model.ts'
import type { FoundBodies } from './scan-bodies.ts'

type VersionRecord = Extract<ReadRecord, { readonly kind: 'version' }>
type PartRecord = Extract<ReadRecord, { readonly kind: 'part' }>
/** Whose id names the record: that of the bytes beside it, or that of a manifest. */
type Owner = { readonly id: BodyId; readonly manifest: boolean }

/** Adds to the model what records say of bodies that lie in the folder. */
export function applyRecords(model: RepairModel, found: FoundBodies): void {
  const parts: { readonly owner: Owner; readonly record: PartRecord }[] = []
  for (const [id, { stored, manifest, record }] of found.alive) {
    model.bodies.set(id, stored)
    const read = record && readRecord(record)
    const owner = { id, manifest }
    if (read?.kind === 'version') addVersion(model, owner, read)
    else if (read?.kind === 'part') parts.push({ owner, record: read })
  }
  // Of a part that was sent again, the later body counts.
  const rising = parts.toSorted((one, other) => (one.owner.id < other.owner.id ? -1 : 1))
  for (const { owner, record } of rising) addPart(model, owner, record)
}

function addVersion(model: RepairModel, owner: Owner, record: VersionRecord): void {
  const { entry, made } = record
  const body = record.body ?? owner.id
  const manifest = owner.manifest ? owner.id : undefined
  if (made !== undefined) {
    model.partsOf.set(body, made.parts)
    model.uploads.delete(made.uploadId)
  }
  const name = versionKey(entry)
  const before = model.versions.get(name)
  // The backup has the later word on tags and locks: its row was changed after its record was
  // written.
  const row = before?.row ?? { entry, body, manifest }
  model.versions.set(name, { row: { ...row, body, manifest }, source: 'record' })
  noteBucket(model, entry)
}

/** Without a backup a bucket is known by its objects alone. */
function noteBucket(model: RepairModel, entry: VersionEntry): void {
  const { bucket: name, owner, modifiedAt } = entry
  const before = model.buckets.get(name)
  if (before !== undefined && before.id !== UNNUMBERED) return
  const hasLock = !entry.deleteMarker && (entry.retention !== undefined || entry.legalHold)
  const isVersioned = before?.versioning === 'enabled' || entry.versionId !== 'null'
  model.buckets.set(name, {
    id: UNNUMBERED,
    name,
    owner: before?.owner ?? owner,
    createdAt:
      before !== undefined && before.createdAt < modifiedAt ? before.createdAt : modifiedAt,
    versioning: isVersioned || hasLock ? 'enabled' : 'unversioned',
    objectLock: before?.objectLock === true || hasLock,
  })
}

/** The number of a bucket that no backup knows; it is given one when the catalog is written. */
export const UNNUMBERED = 0

function addPart(model: RepairModel, owner: Owner, record: PartRecord): void {
  const upload = model.uploads.get(record.uploadId)
  const manifest = owner.manifest ? owner.id : undefined
  const { part } = record
  const before = upload?.parts.get(part.partNumber)
  if (before !== undefined && (before.manifest ?? before.body) > owner.id) return
  upload?.parts.set(part.partNumber, { ...part, body: record.body ?? owner.id, manifest })
}
