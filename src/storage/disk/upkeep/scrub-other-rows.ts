import type { Finding } from '../../maintenance.ts'
import {
  decodeBucketRow,
  decodeChange,
  decodeCompletion,
  decodeDocument,
  decodeUploadRow,
} from '../catalog/row-codecs.ts'
import type { TableName } from '../catalog/tables.ts'
import type { ScrubProgress } from './scrub-progress.ts'
import { readPages, tryDecode } from './table-pages.ts'
import type { UpkeepState } from './upkeep-state.ts'

type OtherTable = {
  readonly name: TableName
  readonly what: string
  readonly decode: (value: Buffer) => unknown
}

const NOWHERE = { bucket: '', key: '', uploadId: '' }

const OTHER_TABLES: readonly OtherTable[] = [
  { name: 'buckets', what: 'a bucket', decode: (value) => decodeBucketRow('', value) },
  { name: 'changes', what: 'a change in the feed', decode: (value) => decodeChange(0n, value) },
  { name: 'documents', what: 'a document', decode: (value) => decodeDocument('', value) },
  { name: 'uploads', what: 'an upload', decode: (value) => decodeUploadRow(NOWHERE, value) },
  { name: 'completions', what: 'a completed upload', decode: decodeCompletion },
]

/** Reads the rows that name no body. */
export async function* scrubOtherRows(
  { tables }: UpkeepState,
  { signal }: ScrubProgress,
): AsyncGenerator<Finding, void> {
  for (const { name, what, decode } of OTHER_TABLES) {
    for await (const rows of readPages(tables[name], signal)) {
      for (const { key, value } of rows) {
        if (tryDecode(() => decode(value)) !== undefined) continue
        const where = `${what} (${name} ${key.toString('hex')})`
        const message = `The row of ${where} is damaged; restore it from a backup.`
        yield { kind: 'row', message, objects: [] }
      }
    }
  }
}
