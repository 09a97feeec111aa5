// The lmdb environment and its tables. Binary keys and values, so that nothing is hidden in a codec.
import { open, type Database, type RootDatabase } from 'lmdb'

export type Table = Database<Buffer, Buffer>

const TABLE_NAMES = [
  'meta',
  'buckets',
  'current',
  'versions',
  'nulls',
  'blobs',
  'parts-of',
  'changes',
  'documents',
  'uploads',
  'parts',
  'completions',
  'garbage',
  'segments',
] as const

export type TableName = (typeof TABLE_NAMES)[number]

/** Every table by its name, and the environment that they share. */
export type Tables = Readonly<Record<TableName, Table>> & { readonly environment: RootDatabase }

const MAX_TABLES = 32
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

/** Opens the tables in a folder, made when it is missing. */
export function openTables(folder: string): Tables {
  const environment: RootDatabase = open({
    ...BINARY,
    path: folder,
    noSubdir: false,
    maxDbs: MAX_TABLES,
    // lmdb's default answers before the sync, and can leave an environment that does not open again.
    overlappingSync: false,
    // Commits are grouped by the committer; lmdb's own grouping leaves rejected promises to nobody.
    eventTurnBatching: false,
  })
  const opened = TABLE_NAMES.map((name) => [name, environment.openDB({ ...BINARY, name })])
  return { ...(Object.fromEntries(opened) as Record<TableName, Table>), environment }
}
