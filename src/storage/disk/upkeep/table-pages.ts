import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Table } from '../catalog/tables.ts'

export type TableRow = { readonly key: Buffer; readonly value: Buffer }

const PAGE = 256

/**
 * Every row of a table in the order of its keys, a page for each turn of the event loop: requests
 * go on in between, and no page of the database is held. What is written meanwhile may or may not
 * be seen.
 * @throws the signal's reason
 */
export async function* readPages(
  table: Table,
  signal?: AbortSignal,
): AsyncGenerator<readonly TableRow[], void> {
  let from = Buffer.alloc(0)
  for (;;) {
    signal?.throwIfAborted()
    const rows = Array.from(table.getRange({ start: from, limit: PAGE }), ({ key, value }) => ({
      key: Buffer.from(key),
      value,
    }))
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    // The next key that there can be.
    from = Buffer.concat([last.key, Buffer.alloc(1)])
    await nextTurn()
  }
}

/** What `decode` gives, or undefined when the row is not what a row of its table is. */
export function tryDecode<Row>(decode: () => Row): Row | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
