// The table `current` as lists read it. lmdb's binary encoding copies each key and each value,
// which takes longer than finding them; here both become text where they lie. Never written so.
import type { Database, RootDatabase } from 'lmdb'
import { decodeName, encodeName } from './key-encoding.ts'

export type ListedKey = [bucketId: number, key: string]
/** Rows are the JSON that `decodeCurrentRow` takes. */
export type ListedTable = Database<string, ListedKey>

export function openListedTable(environment: RootDatabase): ListedTable {
  return environment.openDB(AS_LISTED)
}

const KEYS = {
  writeKey([bucketId, key]: ListedKey, target: Buffer, start: number): number {
    const bytes = encodeName(bucketId, key)
    target.set(bytes, start)
    return start + bytes.length
  },
  readKey: (source: Buffer, start: number, end: number): ListedKey => [
    source.readUInt32BE(start),
    decodeName(source, { start, end }),
  ],
}

const AS_LISTED = { name: 'current', encoding: 'string', keyEncoder: KEYS } as const
