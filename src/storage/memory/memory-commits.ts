import { LIMITS } from '../limits.ts'
import type { Commits, PreparedBody, Write, WriteOutcome } from '../object-store.ts'
import { StorageError } from '../storage-error.ts'
import { receiveBody } from './memory-body.ts'
import { assertOpen, commit, getBucket, type Draft, type MemoryState } from './memory-state.ts'
import {
  draftCopy,
  draftDelete,
  draftPut,
  draftUpdate,
  type ReceivedBody,
} from './memory-writes.ts'

export function createCommits(state: MemoryState): Commits {
  const prepared = new Map<string, ReceivedBody>()
  return {
    async prepare(bucket, body, { signal }) {
      getBucket(state, bucket)
      const received = await receiveBody(body, signal)
      getBucket(state, bucket)
      const id = state.random.hex(16)
      prepared.set(id, received)
      return { bucket, id, digest: received.digest }
    },
    async discard({ id }) {
      assertOpen(state)
      prepared.delete(id)
    },
    async commit(writes, options) {
      options.signal?.throwIfAborted()
      assertCount(writes)
      return commit(state, options, (draft) => {
        draft.onCommit(() => {
          for (const write of writes) if (write.kind === 'put') prepared.delete(write.body.id)
        })
        return writes.map((write) => draftWrite(draft, write, prepared))
      })
    },
  }
}

function assertCount(writes: readonly Write[]): void {
  if (writes.length <= LIMITS.writesInCommit) return
  throw new StorageError(
    'TooManyWrites',
    `${writes.length} writes are more than one commit takes: ${LIMITS.writesInCommit}.`,
  )
}

function draftWrite(
  draft: Draft,
  write: Write,
  prepared: ReadonlyMap<string, ReceivedBody>,
): WriteOutcome {
  switch (write.kind) {
    case 'put': {
      const received = getPrepared(prepared, write.body)
      return { kind: 'version', version: draftPut(draft, write, received) }
    }
    case 'copy':
      return { kind: 'version', version: draftCopy(draft, write) }
    case 'update':
      return { kind: 'version', version: draftUpdate(draft, write) }
    case 'delete':
      return { kind: 'delete', outcome: draftDelete(draft, write) }
  }
}

function getPrepared(
  prepared: ReadonlyMap<string, ReceivedBody>,
  { id }: PreparedBody,
): ReceivedBody {
  const found = prepared.get(id)
  if (found !== undefined) return found
  throw new StorageError('InvalidArgument', `No prepared body ${id} waits here; prepare it again.`)
}
