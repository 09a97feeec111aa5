/**
 * The whole contract as short as possible: the tutorial. Every promise but durability holds here,
 * and
 * `storage/conformance` proves it with the same suite that every other store runs.
 *
 * Read memory-state.ts first: it says what there is and what a commit does. The rules of S3 are not
 * in this folder; they are the pure functions one folder up, which all stores call.
 */
import { systemClock, type Clock } from '../../base/clock.ts'
import { systemRandom, type Random } from '../../base/random.ts'
import type { FeedLimit } from '../change-feed.ts'
import type { ObjectStore } from '../object-store.ts'
import { createBuckets, createDocuments } from './memory-buckets.ts'
import { createCommits } from './memory-commits.ts'
import { MemoryFeed } from './memory-feed.ts'
import { createObjects } from './memory-objects.ts'
import type { MemoryState } from './memory-state.ts'
import { createUploads } from './memory-uploads.ts'
import { SortedMap } from './sorted-map.ts'

export type MemoryStoreOptions = {
  readonly clock?: Clock
  readonly random?: Random
  readonly feedLimit?: FeedLimit
}

/** An empty store that forgets everything when it is closed. */
export async function openMemoryStore(options: MemoryStoreOptions = {}): Promise<ObjectStore> {
  const state: MemoryState = {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    feed: new MemoryFeed(options.feedLimit),
    buckets: new SortedMap(),
    isOpen: true,
  }
  return {
    capabilities: { versions: true, conditionalWrites: true, objectLock: true, atomicCommit: true },
    buckets: createBuckets(state),
    objects: createObjects(state),
    uploads: createUploads(state),
    documents: createDocuments(state),
    commits: createCommits(state),
    changes: state.feed,
    async close() {
      state.isOpen = false
      state.feed.close()
    },
  }
}
