// How the suite's tests are written: each a sentence that is true of every store, with its proof.
import assert from 'node:assert/strict'
import type { ManualClock } from '../../base/clock.ts'
import type { FeedLimit } from '../change-feed.ts'
import type { ObjectStore, StoreCapabilities } from '../object-store.ts'
import type { StorageErrorCode } from '../storage-error.ts'

/** What a store under test is opened with; it holds nothing yet. */
export type TestedStoreOptions = { readonly clock: ManualClock; readonly feedLimit?: FeedLimit }

export type OpenStore = (options: TestedStoreOptions) => Promise<ObjectStore>

export type Proof = (store: ObjectStore, clock: ManualClock) => Promise<void>

/** A proof, or one with what it needs of the store: a capability, a limited feed. */
export type Truth =
  | Proof
  | {
      readonly needs?: readonly (keyof StoreCapabilities)[]
      readonly feedLimit?: FeedLimit
      readonly proof: Proof
    }

/** Truths by their sentences. */
export type Truths = Readonly<Record<string, Truth>>

/** Passes when the promise is refused with that code. */
export async function assertRefused(
  promise: Promise<unknown>,
  code: StorageErrorCode,
  details: object = {},
): Promise<void> {
  await assert.rejects(promise, (error: { name?: string; code?: string; details?: object }) => {
    assert.deepEqual([error.name, error.code], ['StorageError', code])
    assert.partialDeepStrictEqual(error.details, details)
    return true
  })
}
