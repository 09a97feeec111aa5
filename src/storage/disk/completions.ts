// What uploads became, for a day: a client that lost the answer may ask again.
import type { UploadName } from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { decodeCompletion, encodeCompletion } from './catalog/row-codecs.ts'
import type { CompletionRow } from './catalog/rows.ts'
import type { Tables } from './catalog/tables.ts'
import type { Draft } from './catalog/draft.ts'

const KEPT_MS = 25 * 3_600_000

/** The version that an upload became, if it was completed lately. */
export function findCompletion(tables: Tables, name: UploadName): ObjectVersion | undefined {
  const bytes = tables.completions.get(rowKey(name.uploadId))
  if (bytes === undefined) return undefined
  const { version } = decodeCompletion(bytes)
  return version.bucket === name.bucket && version.key === name.key ? version : undefined
}

export function draftCompletion(draft: Draft, { uploadId }: UploadName, row: CompletionRow): void {
  draft.put(draft.tables.completions, rowKey(uploadId), encodeCompletion(row))
}

/** Drafts that old completions are forgotten. */
export type ForgetCompletions = (draft: Draft, nowMs: number) => void

/** More than one for each that is added, so that what is old does not stay for long. */
const LOOKED_AT = 16

/** Each call looks at the next few of all that are kept, then begins again. */
export function createForgetCompletions(): ForgetCompletions {
  let start: Buffer | undefined
  return (draft, nowMs) => {
    const { completions } = draft.tables
    const range = { ...(start === undefined ? {} : { start }), limit: LOOKED_AT }
    const rows = Array.from(completions.getRange(range))
    for (const { key, value } of rows) {
      const { completedAt } = decodeCompletion(value)
      if (completedAt.getTime() < nowMs - KEPT_MS) draft.remove(completions, key)
    }
    start = rows.length < LOOKED_AT ? undefined : rows.at(-1)?.key
  }
}

function rowKey(uploadId: string): Buffer {
  return Buffer.from(uploadId, 'latin1')
}
