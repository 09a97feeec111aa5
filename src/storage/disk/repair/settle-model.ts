// What of the model cannot stand is taken out, and named where that is not proved.
import { NULL_VERSION } from '../../object-version.ts'
import type { BodyId } from '../bodies/bodies.ts'
import { UNNUMBERED } from './apply-records.ts'
import { countNames, hasBody, type RepairedVersion, type RepairModel } from './repair-model.ts'
import { versionName } from './repair-model.ts'
import type { FoundBodies } from './scan-bodies.ts'

/** Every version and part that stays has its bytes, and no key has two null versions. */
export function settleModel(model: RepairModel, found: FoundBodies): void {
  dropReplacedNulls(model)
  dropVersionsWithoutBytes(model, found)
  dropPartsWithoutBytes(model)
  nameDoubts(model)
}

/** Of a key's null versions the last one replaced the others. */
function dropReplacedNulls(model: RepairModel): void {
  const newest = new Map<string, readonly [name: string, sequence: bigint]>()
  for (const [name, { row }] of model.versions) {
    const { bucket, key, versionId, sequence } = row.entry
    if (versionId !== NULL_VERSION) continue
    const place = `${bucket}/${key}`
    const before = newest.get(place)
    if (before === undefined || before[1] < sequence) newest.set(place, [name, sequence])
    if (before === undefined) continue
    model.versions.delete(before[1] < sequence ? before[0] : name)
  }
}

function dropVersionsWithoutBytes(model: RepairModel, { dead }: FoundBodies): void {
  for (const [name, version] of model.versions) {
    const { body, manifest } = version.row
    if (body !== undefined && !hasBody(model, body)) {
      model.versions.delete(name)
      // A body that was marked dead was forgotten by a commit: the version was deleted since.
      if (!isProvedDead(model, body, dead)) nameLost(model, version)
    } else if (manifest !== undefined && !model.bodies.has(manifest)) {
      model.versions.set(name, { ...version, row: { ...version.row, manifest: undefined } })
    }
  }
}

function isProvedDead(model: RepairModel, id: BodyId, dead: ReadonlySet<BodyId>): boolean {
  const parts = model.partsOf.get(id)?.map(({ body }) => body) ?? [id]
  return parts.some((body) => dead.has(body))
}

function nameLost(model: RepairModel, version: RepairedVersion): void {
  const message =
    version.source === 'backup'
      ? 'It is in the backup, but its bytes are gone: deleted since, or lost.'
      : 'Its record is there, but not all of its bytes: the rest lay in the catalog, or is lost.'
  model.unproved.push({ message, name: versionName(version) })
}

function dropPartsWithoutBytes(model: RepairModel): void {
  for (const { upload, parts } of model.uploads.values()) {
    for (const [partNumber, { body, manifest }] of parts) {
      if (!model.bodies.has(body)) {
        parts.delete(partNumber)
        const { bucket, key, uploadId } = upload
        const message = `The bytes of part ${partNumber} of the upload ${uploadId} are gone.`
        model.unproved.push({ message, name: { bucket, key } })
      } else if (manifest !== undefined && !model.bodies.has(manifest)) {
        const row = parts.get(partNumber)
        if (row !== undefined) parts.set(partNumber, { ...row, manifest: undefined })
      }
    }
  }
}

function nameDoubts(model: RepairModel): void {
  const counts = countNames(model)
  for (const version of model.versions.values()) {
    const doubt = findDoubt(version, counts)
    if (doubt !== undefined) model.unproved.push({ message: doubt, name: versionName(version) })
  }
  for (const { name, id, versioning } of model.buckets.values()) {
    if (id !== UNNUMBERED) continue
    const message =
      `Bucket "${name}" is in no backup. It is rebuilt from its objects as ${versioning}, owned by ` +
      'who owns its first object; its delete markers and documents (policy, lifecycle …) are unknown.'
    model.unproved.push({ message })
  }
}

/** Why the version may be gone, or another one by now. */
function findDoubt(
  { row, source }: RepairedVersion,
  counts: ReadonlyMap<BodyId, number>,
): string | undefined {
  if (source === 'backup') {
    return 'It lay in the catalog alone and comes from the backup: later changes are unknown.'
  }
  const isShared = row.manifest === undefined && (counts.get(row.body ?? 0n) ?? 0) > 1
  return isShared
    ? 'Copies share its bytes, so nothing shows whether it was deleted later.'
    : undefined
}
