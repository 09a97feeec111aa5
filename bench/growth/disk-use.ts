// What a store's folder takes of the disk, and what of its catalog is taken by nothing.
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type Database, open } from 'lmdb'

export type DiskUse = {
  readonly totalBytes: number
  readonly catalogBytes: number
  readonly segmentBytes: number
  readonly fileBytes: number
}

/** `stat` counts blocks of 512 bytes whatever the file system's own are. */
const BLOCK_BYTES = 512

/** As `du` counts. What is removed meanwhile does not count. */
export async function measureDiskUse(folder: string): Promise<DiskUse> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = new Map<string, number>()
  for (const entry of names) {
    const path = join(entry.parentPath, entry.name)
    const found = await stat(path).catch(() => undefined)
    const [kind = ''] = relative(folder, path).split(sep)
    sizes.set(kind, (sizes.get(kind) ?? 0) + (found?.blocks ?? 0) * BLOCK_BYTES)
  }
  return {
    totalBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    catalogBytes: sizes.get('catalog') ?? 0,
    segmentBytes: sizes.get('segments') ?? 0,
    fileBytes: sizes.get('files') ?? 0,
  }
}

export type CatalogUse = {
  readonly totalBytes: number
  /** Pages that the next writes take before the file grows. */
  readonly freeBytes: number
  readonly feedBytes: number
}

/** Of a store that nobody has open. */
export async function measureCatalog(folder: string): Promise<CatalogUse> {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const
  const environment = open({ ...binary, path: join(folder, 'catalog'), readOnly: true, maxDbs: 32 })
  try {
    const all = pagesOf(environment)
    // lmdb ends names of tables with a NUL.
    const names = Array.from(environment.getKeys(), (name) => String(name).replace('\0', ''))
    const tables = names.map((name) => {
      const pages = pagesOf(environment.openDB({ ...binary, name }))
      return { name, bytes: countPages(pages) * all.pageSize }
    })
    const totalBytes = (all.lastPageNumber + 1) * all.pageSize
    const usedBytes = tables.reduce((sum, { bytes }) => sum + bytes, 0)
    const ownBytes = (countPages(all.root) + countPages(all.free)) * all.pageSize
    const feedBytes = tables.find(({ name }) => name === 'changes')?.bytes ?? 0
    return { totalBytes, freeBytes: totalBytes - usedBytes - ownBytes, feedBytes }
  } finally {
    await environment.close()
  }
}

type TablePages = {
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}
type EnvironmentPages = TablePages & {
  readonly pageSize: number
  readonly lastPageNumber: number
  readonly root: TablePages
  readonly free: TablePages
}

/** What lmdb tells is not in its types. */
function pagesOf(database: Database): EnvironmentPages {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read only, of one version
  return database.getStats() as EnvironmentPages
}

function countPages(pages: TablePages): number {
  return pages.treeBranchPageCount + pages.treeLeafPageCount + pages.overflowPages
}
