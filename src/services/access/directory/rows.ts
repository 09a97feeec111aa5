// The rows that the directory consists of, read and written in transactions.
import { isTablesError } from '../../../tables/tables-error.ts'
import type { Tables, TablesDatabase } from '../../../tables/tables.ts'
import { AccessError } from './access-error.ts'
import type { RevisionWatch } from './revision-watch.ts'

/** Statements within a transaction. */
export type RowsTransaction = TablesDatabase

/** Either method throws AccessError `DirectoryUnavailable` when the tables fail. */
export type Rows = {
  /** All that `act` reads is of one moment. */
  read<Value>(act: (transaction: RowsTransaction) => Promise<Value>): Promise<Value>
  /** All that `act` writes is durable and counts in this process, or it threw and nothing does. */
  write<Value>(act: (transaction: RowsTransaction) => Promise<Value>): Promise<Value>
}

export function openRows({ database }: Tables, watch: RevisionWatch): Rows {
  const transact = async <Value>(
    act: (transaction: RowsTransaction) => Promise<Value>,
  ): Promise<Value> => {
    try {
      return await database.transaction().execute(act)
    } catch (error) {
      throw isTablesError(error) ? unavailable(error) : error
    }
  }
  return {
    read: transact,
    async write(act) {
      const value = await transact(async (transaction) => {
        const written = await act(transaction)
        await transaction
          .updateTable('revisions')
          .set(({ eb }) => ({ value: eb('value', '+', 1) }))
          .where('name', '=', 'access')
          .execute()
        return written
      })
      await watch.look()
      return value
    },
  }
}

function unavailable(cause: Error): AccessError {
  return new AccessError('DirectoryUnavailable', `Who exists cannot be asked: ${cause.message}`, {
    cause,
  })
}
