import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readings } from '../../../base/metrics/meter.ts'
import type { DiskState } from '../disk-state.ts'
import { CATALOG_FILE, CATALOG_FOLDER } from '../folder/store-folder.ts'
import { measureSegments, totalsOf } from '../upkeep/compact.ts'
import {
  CATALOG_SIZE,
  DISK_FREE,
  DISK_RESERVE,
  DISK_SIZE,
  SEGMENTS,
  SEGMENTS_LIVE,
  SEGMENTS_SIZE,
  STORE_WRITABLE,
} from './families.ts'

export type MeasuredStore = {
  readonly folder: string
  readonly reserveBytes: number
  readonly isWritable: () => boolean
}

/** Each scrape sees the store as it is then, for as long as it is open. */
export function readFigures(state: DiskState, store: MeasuredStore): void {
  const { meter } = state
  meter.read([STORE_WRITABLE], () => [
    { family: STORE_WRITABLE, value: Number(store.isWritable()) },
  ])
  meter.read([DISK_SIZE, DISK_FREE, DISK_RESERVE, CATALOG_SIZE], () => readSpace(store))
  meter.read([SEGMENTS, SEGMENTS_SIZE, SEGMENTS_LIVE], async () =>
    state.isOpen ? readSegments(state) : [],
  )
}

async function readSpace({ folder, reserveBytes }: MeasuredStore): Promise<Readings> {
  const { bavail, blocks, bsize } = await statfs(folder)
  const { size } = await stat(join(folder, CATALOG_FOLDER, CATALOG_FILE))
  return [
    { family: DISK_SIZE, value: blocks * bsize },
    { family: DISK_FREE, value: bavail * bsize },
    { family: DISK_RESERVE, value: reserveBytes },
    { family: CATALOG_SIZE, value: size },
  ]
}

async function readSegments(state: Parameters<typeof measureSegments>[0]): Promise<Readings> {
  const segments = await measureSegments(state)
  const { totalBytes, liveBytes } = totalsOf(segments)
  return [
    { family: SEGMENTS, value: segments.length },
    { family: SEGMENTS_SIZE, value: totalBytes },
    { family: SEGMENTS_LIVE, value: liveBytes },
  ]
}
