import { isStorageError, type StorageError } from '../../storage-error.ts'
import type { Finding } from '../../maintenance.ts'
import type { BodyId, StoredBody } from '../bodies/bodies.ts'
import { isErrno } from '../bodies/disk.ts'
import { damaged } from '../bodies/disk-error.ts'
import { decodeNumber, encodeNumber } from '../catalog/key-encoding.ts'
import { decodeBlobRow, decodePartsOf } from '../catalog/row-codecs.ts'
import type { Pace } from './pace.ts'
import type { ScrubProgress } from './scrub-progress.ts'
import { readPages, type TableRow, tryDecode } from './table-pages.ts'
import type { UpkeepState } from './upkeep-state.ts'

type Work = { readonly progress: ScrubProgress; readonly pace: Pace }
type Damage = Pick<Finding, 'kind' | 'message'>

/**
 * Reads every body that the catalog knows; what is damaged is told later, when its names are known.
 */
export async function readBodies(state: UpkeepState, work: Work): Promise<void> {
  const { progress } = work
  for await (const rows of readPages(state.tables.blobs, progress.signal)) {
    for (const { key } of rows) {
      const id = decodeNumber(key)
      // Keeps the body where it is while it is read, and the row is read again with that.
      const unpin = state.garbage.pin([id])
      try {
        const value = state.tables.blobs.get(key)
        if (value === undefined) continue
        progress.bodies += 1
        const damage = await findDamage(state, { key, value }, work)
        if (damage !== undefined) progress.damaged.set(id, damage)
      } finally {
        unpin()
      }
    }
  }
}

async function findDamage(
  state: UpkeepState,
  { key, value }: TableRow,
  { progress, pace }: Work,
): Promise<Damage | undefined> {
  const id = decodeNumber(key)
  const row = tryDecode(() => decodeBlobRow(value))
  if (row === undefined) return { kind: 'row', message: `The row of body ${name(id)} is damaged.` }
  if (row.place.kind === 'parts') return findDamagedParts(state, id)
  await pace.spend(row.size)
  progress.bytes += row.size
  try {
    await readBody(state, { id, size: row.size, place: row.place })
    return undefined
  } catch (error) {
    if (!isStorageError(error, 'Damaged')) throw error
    // A compaction may have moved it between the reading of its row and of its bytes.
    const moved = state.tables.blobs.get(key)
    if (moved !== undefined && !moved.equals(value)) {
      return findDamage(state, { key, value: moved }, { progress, pace })
    }
    return describe(error)
  }
}

function findDamagedParts(state: UpkeepState, id: BodyId): Damage | undefined {
  const bytes = state.tables['parts-of'].get(encodeNumber(id))
  const parts = bytes && tryDecode(() => decodePartsOf(bytes))
  if (parts === undefined)
    return { kind: 'row', message: `The parts of body ${name(id)} are lost.` }
  const lost = parts.find(({ body }) => state.tables.blobs.get(encodeNumber(body)) === undefined)
  if (lost === undefined) return undefined
  const message = `Part ${lost.partNumber} of body ${name(id)} is unknown to the catalog.`
  return { kind: 'missing', message }
}

/** Reads bytes and record alike. @throws StorageError `Damaged` */
async function readBody({ bodies }: UpkeepState, body: StoredBody): Promise<void> {
  if (body.place.kind === 'segment') return void (await bodies.segments.inspect(body))
  const stream = bodies.read(body, { start: 0, end: body.size })
  for (;;) {
    const { done } = await stream.next()
    if (done === true) break
  }
  if (body.place.kind === 'file') await assertTrailer(bodies, body)
}

async function assertTrailer(bodies: UpkeepState['bodies'], body: StoredBody): Promise<void> {
  const trailer = await bodies.files.inspect(body.id)
  if (trailer?.size !== body.size) {
    throw damaged(`The end of the file of body ${name(body.id)} is damaged`)
  }
}

function describe(error: StorageError): Damage {
  const kind = isErrno(error.cause, 'ENOENT') ? 'missing' : 'bytes'
  return { kind, message: error.message }
}

function name(id: BodyId): string {
  return id.toString(16)
}
