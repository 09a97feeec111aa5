// Rebuilds what the disk holds after a power cut: everything up to the last flush before it, and of
// the writes after that flush none, all, or a random half of their pages, as a disk with a cache
// may leave them.
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../load/seeded.ts'
import { copyImage } from './volume.ts'
import { readLog, writeImage } from './write-log.ts'
import type { LogRecord } from './write-log.ts'

export const REMAINDERS = ['none', 'all', 'half'] as const

/** What becomes of the writes after the last flush. */
export type Remainder = (typeof REMAINDERS)[number]

export type Replay = {
  /** Makes the image of a cut; cuts come in rising order. */
  imageAt(cut: { position: number; remainder: Remainder; seed: number }): Promise<string>
  close(): void
}

const PAGE_SIZE = 4096

export async function openReplay(
  { base, log }: { readonly base: string; readonly log: string },
  folder: string,
): Promise<Replay> {
  const rolling = join(folder, 'rolling')
  await copyImage(base, rolling)
  const image = openSync(rolling, 'r+')
  const records = readLog(log)
  let next = records.next()
  let unflushed: LogRecord[] = []
  const advance = (position: number): void => {
    for (; next.done !== true && next.value.end <= position; next = records.next()) {
      if (next.value.kind === 'write') unflushed.push(next.value)
      else for (const record of unflushed.splice(0)) writeImage(image, record)
    }
  }
  const imageAt: Replay['imageAt'] = async ({ position, remainder, seed }) => {
    advance(position)
    const path = join(folder, 'cut')
    await copyImage(rolling, path)
    const cut = openSync(path, 'r+')
    for (const record of unflushed) writeRemainder(cut, { record, remainder, seed })
    closeSync(cut)
    return path
  }
  const close = (): void => {
    records.return(undefined)
    closeSync(image)
  }
  return { imageAt, close }
}

function writeRemainder(
  image: number,
  { record, remainder, seed }: { record: LogRecord; remainder: Remainder; seed: number },
): void {
  if (remainder === 'all') writeImage(image, record)
  if (remainder !== 'half') return
  const random = seededRandom(seed ^ record.end)
  for (let start = 0; start < record.bytes.length; start += PAGE_SIZE) {
    const bytes = record.bytes.subarray(start, start + PAGE_SIZE)
    if (random.chance(0.5)) writeImage(image, { offset: record.offset + start, bytes })
  }
}
