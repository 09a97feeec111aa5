// The lmdb environment and its tables. Binary keys and values, so that nothing is hidden in a
// codec.
import { open, type Database, type RootDatabase } from 'lmdb'
import { type ListedTable, openListedTable } from './listed-table.ts'

export type Table = Database<Buffer, Buffer>

/** docs/formats/disk-store.md says what each holds. */
export type TableName =
  | 'meta'
  | 'buckets'
  | 'current'
  | 'versions'
  | 'nulls'
  | 'blobs'
  | 'parts-of'
  | 'changes'
  | 'documents'
  | 'uploads'
  | 'parts'
  | 'completions'
  | 'garbage'
  | 'segments'

type NamedTables = Readonly<Record<TableName, Table>>

/** Every table by its name, `current` once more for lists, and the environment that they share. */
export type Tables = NamedTables & {
  readonly listed: ListedTable
  readonly environment: RootDatabase
}

const MAX_TABLES = 32
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

/** Opens the tables in a folder, made when it is missing. */
export function openTables(folder: string): Tables {
  const environment: RootDatabase = open({
    ...BINARY,
    path: folder,
    noSubdir: false,
    maxDbs: MAX_TABLES,
    // lmdb's default writes its head page before what it names is synced; after a power cut that
    // left an environment which does not open again (docs/durability.md).
    overlappingSync: false,
    // Commits are grouped by the committer; lmdb's own grouping leaves rejected promises to nobody.
    eventTurnBatching: false,
  })
  // In one transaction, because lmdb would sync after each table that it makes.
  const tables = environment.transactionSync(() => openAll(environment))
  return { ...tables, listed: openListedTable(environment), environment }
}

function openAll(environment: RootDatabase): NamedTables {
  const openTable = (name: TableName): Table => environment.openDB({ ...BINARY, name })
  return {
    meta: openTable('meta'),
    buckets: openTable('buckets'),
    current: openTable('current'),
    versions: openTable('versions'),
    nulls: openTable('nulls'),
    blobs: openTable('blobs'),
    'parts-of': openTable('parts-of'),
    changes: openTable('changes'),
    documents: openTable('documents'),
    uploads: openTable('uploads'),
    parts: openTable('parts'),
    completions: openTable('completions'),
    garbage: openTable('garbage'),
    segments: openTable('segments'),
  }
}
