import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoreDescription } from '../../maintenance.ts'
import type { Table } from '../catalog/tables.ts'
import { CATALOG_FILE, CATALOG_FOLDER } from '../folder/store-folder.ts'
import { measureSegments, totalsOf } from './compact.ts'
import type { UpkeepState } from './upkeep-state.ts'

/** Sizes that the catalog and the file system keep anyway; nothing is scanned. */
export async function describeStore(
  state: UpkeepState,
  { isCompacting }: { readonly isCompacting: boolean },
): Promise<StoreDescription> {
  const { folder, storeId, reserveBytes } = state
  const { bavail, blocks, bsize } = await statfs(folder)
  const { size } = await stat(join(folder, CATALOG_FOLDER, CATALOG_FILE))
  const segments = await measureSegments(state)
  return {
    storeId,
    folder,
    disk: { sizeBytes: blocks * bsize, freeBytes: bavail * bsize, reserveBytes },
    catalogBytes: size,
    objects: countRows(state.tables.current),
    versions: countRows(state.tables.versions),
    segments: { count: segments.length, ...totalsOf(segments), isCompacting },
  }
}

/** lmdb keeps the number. */
function countRows(table: Table): number {
  const statistics: { readonly entryCount?: number } = table.getStats()
  return statistics.entryCount ?? 0
}
