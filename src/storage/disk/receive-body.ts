// The way of bytes into the store: room, a number, the body itself, and what frees all that again.
import { type Body, watchBytes } from '../body.ts'
import { isStorageError } from '../storage-error.ts'
import type { CommitStamp } from '../write-plan.ts'
import type { BodyRecord, StoredBody, WrittenBody } from './bodies/bodies.ts'
import type { DiskState } from './disk-state.ts'

export type Incoming = { readonly body: Body; readonly signal: AbortSignal | undefined }

/** Writes a body and lets `use` commit it; what is not committed is discarded. */
export async function receiveBody<Result>(
  state: DiskState,
  incoming: Incoming,
  use: (written: WrittenBody) => Promise<Result>,
): Promise<Result> {
  const written = await writeBody(state, incoming)
  try {
    const result = await use(written)
    state.numbers.settle(written.stored.id)
    return result
  } catch (error) {
    // After a failed commit nobody knows what is on disk: the next opening looks.
    if (!isStorageError(error, 'StoreFailed')) await discardBody(state, written)
    throw error
  }
}

/** Writes a body that the caller then settles or discards. */
export async function writeBody(
  state: DiskState,
  { body, signal }: Incoming,
): Promise<WrittenBody> {
  const giveBack = await state.space.claim(body.size ?? 0)
  try {
    const id = await state.numbers.take()
    try {
      return await state.bodies.write(id, abortable(body, signal))
    } catch (error) {
      state.numbers.settle(id)
      throw error
    }
  } finally {
    giveBack()
  }
}

export async function discardBody(state: DiskState, written: WrittenBody): Promise<void> {
  await written.discard()
  state.numbers.settle(written.stored.id)
}

function abortable(body: Body, signal: AbortSignal | undefined): Body {
  if (signal === undefined) return body
  const assertNotAborted = (): void => signal.throwIfAborted()
  const bytes = watchBytes(body.bytes, { onChunk: assertNotAborted, onEnd: assertNotAborted })
  return { ...body, bytes }
}

/**
 * Makes a record durable, if there is one, and lets `use` commit it; undefined means it did not.
 */
export async function withManifest<Result>(
  state: DiskState,
  record: BodyRecord | undefined,
  use: (manifest: StoredBody | undefined) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  if (record === undefined) return use(undefined)
  const id = await state.numbers.take()
  try {
    const place = await state.bodies.writeManifest(record, id)
    const result = await use({ id, size: 0, place })
    if (result === undefined) await state.bodies.release(id, place)
    return result
  } finally {
    // Without a commit the entry stays behind as dead bytes of its segment.
    state.numbers.settle(id)
  }
}

/**
 * Repeats an attempt until it gives something. A record must be on disk before its commit; when
 * another write of the same key came between, it says the wrong sequence and is written again.
 */
export async function untilNotOvertaken<Result>(
  state: DiskState,
  attempt: (stamp: CommitStamp) => Promise<Result | undefined>,
): Promise<Result> {
  for (let count = 0; ; count += 1) {
    const result = await attempt(state.stamps.ahead(count))
    if (result !== undefined) return result
  }
}
