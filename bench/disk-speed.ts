// How fast the disk itself is in this run: blocks that the file system has just been given, and the
// same blocks written again. On a virtual disk the former can be ten times slower.
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KIB, MIB } from './generator/workloads.ts'
import { makeBytes } from './generator/payload.ts'

export type DiskSpeed = {
  /** Type and options of the file system. */
  readonly mounted: string
  /** MiB/s, in order, synced at the end. */
  readonly newBlocks: number
  readonly sameBlocks: number
  /** Writes of 4 KiB that are each synced, per second; one after another. */
  readonly syncsPerSecond: number
}

const FILE_BYTES = 1024 * MIB
const BLOCK = makeBytes(0, 4 * MIB)
const SMALL_BLOCK = makeBytes(1, 4 * KIB)
const SYNCS_SECONDS = 1

export async function measureDisk(folder: string): Promise<DiskSpeed> {
  const place = await mkdtemp(join(folder, 'disk-'))
  const path = join(place, 'written')
  try {
    const newBlocks = await writeAll(path, 'w')
    const sameBlocks = await writeAll(path, 'r+')
    const syncsPerSecond = await countSyncs(path)
    return { mounted: await describeMount(folder), newBlocks, sameBlocks, syncsPerSecond }
  } finally {
    await rm(place, { recursive: true })
  }
}

async function writeAll(path: string, flags: 'w' | 'r+'): Promise<number> {
  const file = await open(path, flags)
  const began = performance.now()
  for (let at = 0; at < FILE_BYTES; at += BLOCK.length) await file.write(BLOCK, 0, BLOCK.length, at)
  await file.datasync()
  const seconds = (performance.now() - began) / 1000
  await file.close()
  return FILE_BYTES / seconds / MIB
}

async function countSyncs(path: string): Promise<number> {
  const file = await open(path, 'r+')
  const began = performance.now()
  let syncs = 0
  while (performance.now() - began < SYNCS_SECONDS * 1000) {
    await file.write(SMALL_BLOCK, 0, SMALL_BLOCK.length, (syncs * SMALL_BLOCK.length) % FILE_BYTES)
    await file.datasync()
    syncs += 1
  }
  await file.close()
  return syncs / ((performance.now() - began) / 1000)
}

/** The mount with the longest point that holds the folder. @see proc_pid_mountinfo(5) */
async function describeMount(folder: string): Promise<string> {
  const lines = (await readFile('/proc/mounts', 'utf8').catch(() => '')).split('\n')
  const mounts = lines.map((text) => text.split(' '))
  const holding = mounts.filter(([, point = '']) => isWithin(resolve(folder), point))
  const [, , type = 'unknown', options = ''] = holding.toSorted(byPoint).at(-1) ?? []
  return `${type} (${options})`
}

function byPoint([, one = '']: readonly string[], [, other = '']: readonly string[]): number {
  return one.length - other.length
}

function isWithin(folder: string, point: string): boolean {
  return point !== '' && `${folder}/`.startsWith(point === '/' ? '/' : `${point}/`)
}
