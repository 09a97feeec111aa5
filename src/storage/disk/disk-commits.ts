import { LIMITS } from '../limits.ts'
import type { ChangeOptions, Commits, PreparedBody, Write, WriteOutcome } from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { StorageError } from '../storage-error.ts'
import type { CommitStamp } from '../write-plan.ts'
import type { WrittenBody } from './bodies/bodies.ts'
import { preparedRecord } from './body-records.ts'
import { getBlob, getBucket, isKnownBody } from './catalog/catalog.ts'
import { writeRecords, type RecordedWrite } from './commit-records.ts'
import { openTablesOf, runWrite, type DiskState } from './disk-state.ts'
import {
  carryOut,
  carryOutCopy,
  draftDelete,
  draftUpdate,
  planCopyOf,
  planPutOf,
} from './disk-writes.ts'
import type { Draft } from './catalog/draft.ts'
import { assertMeantIn } from './commit-change.ts'
import { discardBody, writeBody, type Incoming } from './receive-body.ts'

type Prepared = ReadonlyMap<string, WrittenBody>

export function createCommits(state: DiskState): Commits {
  const prepared = new Map<string, WrittenBody>()
  return {
    async prepare(bucket, body, { signal }) {
      return runWrite(state, signal, async () => {
        const written = await prepare(state, bucket, { body, signal })
        const id = state.random.hex(16)
        prepared.set(id, written)
        return { bucket, id, digest: written.digest }
      })
    },
    async discard({ id }) {
      openTablesOf(state)
      const written = prepared.get(id)
      prepared.delete(id)
      if (written !== undefined) await discardBody(state, written)
    },
    async commit(writes, options) {
      assertCount(writes)
      return runWrite(state, options.signal, async () => {
        const claimed = claimPrepared(prepared, writes)
        try {
          const outcomes = await commitAll(state, { writes, options, prepared: claimed })
          for (const { stored } of claimed.values()) state.numbers.settle(stored.id)
          return outcomes
        } catch (error) {
          for (const [id, written] of claimed) prepared.set(id, written)
          throw error
        }
      })
    },
  }
}

async function prepare(state: DiskState, bucket: string, incoming: Incoming): Promise<WrittenBody> {
  getBucket(state.tables, bucket)
  const written = await writeBody(state, incoming)
  try {
    await written.seal(preparedRecord(bucket))
    getBucket(state.tables, bucket)
    return written
  } catch (error) {
    await discardBody(state, written)
    throw error
  }
}

/**
 * Takes the bodies that the writes name, so that no other commit puts or discards them meanwhile.
 */
function claimPrepared(prepared: Map<string, WrittenBody>, writes: readonly Write[]): Prepared {
  const claimed = new Map<string, WrittenBody>()
  for (const write of writes) {
    const written = write.kind === 'put' ? prepared.get(write.body.id) : undefined
    if (written === undefined || write.kind !== 'put') continue
    claimed.set(write.body.id, written)
    prepared.delete(write.body.id)
  }
  return claimed
}

function assertCount(writes: readonly Write[]): void {
  if (writes.length <= LIMITS.writesInCommit) return
  throw new StorageError(
    'TooManyWrites',
    `${writes.length} writes are more than one commit takes: ${LIMITS.writesInCommit}.`,
  )
}

type CommitOfMany = {
  readonly writes: readonly Write[]
  readonly options: ChangeOptions
  readonly prepared: Prepared
}

/**
 * What is thrown inside a commit whose records say what it would not; it is taken back and
 * repeated.
 */
class Overtaken extends Error {}

/** Records take long to write, so the stamps that they name begin about a second ahead. */
const FIRST_ATTEMPT = 5

async function commitAll(state: DiskState, commit: CommitOfMany): Promise<readonly WriteOutcome[]> {
  const { writes, options } = commit
  for (let attempt = FIRST_ATTEMPT; ; attempt += 1) {
    const stamps = state.stamps.rowAhead(attempt, writes.length)
    const getBody = (body: PreparedBody): WrittenBody => getPrepared(commit.prepared, body)
    const records = await writeRecords(state, { writes, stamps, getPrepared: getBody })
    try {
      const isRecorded = records.of.size > 0
      const outcomes = await state.committer.commitAll(
        options.origin,
        writes.map((write, at) => (draft: Draft) => {
          assertMeantIn(draft, options.meantFor)
          const stamp = takeStamp(draft, { stamps, at, isRecorded })
          const recorded = records.of.get(at)
          return draftWrite(draft, write, { stamp, recorded, prepared: commit.prepared })
        }),
      )
      records.settle()
      return outcomes
    } catch (error) {
      await records.discard()
      if (!(error instanceof Overtaken)) throw error
    }
  }
}

/** Without records nothing is on disk that names a stamp, so the commit draws its own. */
function takeStamp(
  draft: Draft,
  drawn: {
    readonly stamps: readonly CommitStamp[]
    readonly at: number
    readonly isRecorded: boolean
  },
): CommitStamp {
  const stamp = drawn.isRecorded ? drawn.stamps[drawn.at] : undefined
  if (stamp === undefined) return draft.stamp()
  if (!draft.isAhead(stamp)) throw new Overtaken()
  draft.observe(stamp)
  return stamp
}

function draftWrite(
  draft: Draft,
  write: Write,
  context: {
    readonly stamp: CommitStamp
    readonly recorded: RecordedWrite | undefined
    readonly prepared: Prepared
  },
): WriteOutcome {
  const { stamp, recorded, prepared } = context
  switch (write.kind) {
    case 'put': {
      const { stored, digest } = getPrepared(prepared, write.body)
      const planned = planPutOf(draft.tables, write, { digest, stamp })
      assertRecorded(planned.plan.result, recorded)
      if (isKnownBody(draft.tables, stored.id)) draft.link(stored.id)
      else draft.addBody(stored)
      if (recorded?.manifest !== undefined) draft.addBody(recorded.manifest)
      const content = { body: stored.id, manifest: recorded?.manifest?.id }
      return { kind: 'version', version: carryOut(draft, planned, { stamp, content }) }
    }
    case 'copy': {
      const planned = planCopyOf(draft.tables, write, stamp)
      assertRecorded(planned.plan.result, recorded)
      const isInline = getBlob(draft.tables, planned.body).place.kind === 'inline'
      if (!isInline && recorded?.body !== planned.body) throw new Overtaken()
      const made = { stamp, manifest: isInline ? undefined : recorded?.manifest }
      return { kind: 'version', version: carryOutCopy(draft, planned, made) }
    }
    case 'update':
      return { kind: 'version', version: draftUpdate(draft, write, stamp) }
    case 'delete':
      return { kind: 'delete', outcome: draftDelete(draft, write, stamp) }
  }
}

function assertRecorded({ versionId }: ObjectVersion, recorded: RecordedWrite | undefined): void {
  if (recorded !== undefined && recorded.versionId !== versionId) throw new Overtaken()
}

function getPrepared(prepared: Prepared, { id }: PreparedBody): WrittenBody {
  const found = prepared.get(id)
  if (found !== undefined) return found
  throw new StorageError('InvalidArgument', `No prepared body ${id} waits here; prepare it again.`)
}
