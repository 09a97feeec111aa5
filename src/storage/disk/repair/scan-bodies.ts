import type { Unproved } from '../../maintenance.ts'
import { isStorageError } from '../../storage-error.ts'
import type { BodyId, BodyRecord, DiskBodies, ScannedEntry, StoredBody } from '../bodies/bodies.ts'

/** A body or manifest that lies in the folder. */
export type FoundBody = {
  readonly stored: StoredBody
  readonly manifest: boolean
  /** Undefined when it is damaged: then nothing but a backup says what the body is. */
  readonly record: BodyRecord | undefined
}

/** Everything that segments and files hold. */
export type FoundBodies = {
  readonly alive: ReadonlyMap<BodyId, FoundBody>
  /** Bodies that a commit has forgotten for sure. */
  readonly dead: ReadonlySet<BodyId>
  readonly highestId: BodyId
  readonly unproved: readonly Unproved[]
}

type Finding = {
  readonly alive: Map<BodyId, FoundBody>
  readonly dead: Set<BodyId>
  readonly unproved: Unproved[]
}

/** Reads all segments and the ends of all files. */
export async function scanBodies({ segments, files }: DiskBodies): Promise<FoundBodies> {
  const found: Finding = { alive: new Map(), dead: new Set(), unproved: [] }
  // The segments in their order: of two copies that a compaction made, the newer stays in the map.
  for (const { segment } of await segments.list()) {
    for await (const entry of segments.scan(segment)) noteEntry(found, segment, entry)
  }
  for await (const id of files.list(0n)) await noteFile(found, files, id)
  for (const id of found.alive.keys()) found.dead.delete(id)
  const ids = [...found.alive.keys(), ...found.dead]
  const highestId = ids.reduce((highest, id) => (id > highest ? id : highest), 0n)
  return { ...found, highestId }
}

function noteEntry(found: Finding, segment: number, entry: ScannedEntry): void {
  if (entry.kind === 'gap') {
    const end = entry.offset + entry.length
    const message =
      `Segment ${segment.toString(16)} cannot be understood from ${entry.offset} to ${end}: the ` +
      'remains of an unfinished write, or something that is lost.'
    found.unproved.push({ message })
    return
  }
  const { stored, manifest, dead, record, damage } = entry
  const { id } = stored
  if (dead) {
    found.dead.add(id)
    return
  }
  found.alive.set(id, { stored, manifest, record })
  if (damage === undefined) return
  const where = `segment ${segment.toString(16)}`
  found.unproved.push({ message: `Of body ${id.toString(16)} in ${where}, ${damage}.` })
}

async function noteFile(found: Finding, files: DiskBodies['files'], id: BodyId): Promise<void> {
  const name = `file of body ${id.toString(16)}`
  try {
    const trailer = await files.inspect(id)
    if (trailer === undefined) {
      found.unproved.push({ message: `The ${name} has no end: unfinished, or damaged.` })
      return
    }
    const { size, record } = trailer
    const stored = { id, size, place: { kind: 'file' } } as const
    found.alive.set(id, { stored, manifest: false, record })
  } catch (error) {
    if (!isStorageError(error, 'Damaged')) throw error
    found.unproved.push({ message: error.message })
  }
}
