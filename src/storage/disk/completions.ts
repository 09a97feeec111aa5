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

/** Drafts that old completions are forgotten; looks at all that are kept. */
export function forgetCompletions(draft: Draft, nowMs: number): void {
  const { completions } = draft.tables
  for (const { key, value } of completions.getRange({})) {
    const { completedAt } = decodeCompletion(value)
    if (completedAt.getTime() < nowMs - KEPT_MS) draft.remove(completions, key)
  }
}

function rowKey(uploadId: string): Buffer {
  return Buffer.from(uploadId, 'latin1')
}
