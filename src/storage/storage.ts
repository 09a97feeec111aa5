import { systemClock, type Clock } from '../base/clock.ts'
import type { ChangeFeed } from './change-feed.ts'
import { checkBuckets, checkDocuments } from './checked/checked-buckets.ts'
import { checkCommits, type StorageCommits } from './checked/checked-commits.ts'
import { checkObjects, type StorageObjects } from './checked/checked-objects.ts'
import { checkUploads, type StorageUploads } from './checked/checked-uploads.ts'
import { createRetentionResolver } from './checked/default-retention.ts'
import type { Buckets, Documents, ObjectStore, StoreCapabilities } from './object-store.ts'

/**
 * What everyone above storage uses: the parts of a store behind one set of checks. Names, sizes and
 * announced digests hold before a store is asked, buckets' default retention is resolved, and what
 * the store lacks is refused with `NotSupported`. Whatever needs atomicity is decided in the
 * store's commit.
 */
export class Storage {
  readonly capabilities: StoreCapabilities
  readonly buckets: Buckets
  readonly objects: StorageObjects
  readonly uploads: StorageUploads
  readonly documents: Documents
  readonly commits: StorageCommits | undefined
  readonly changes: ChangeFeed | undefined
  readonly #store: ObjectStore

  constructor(store: ObjectStore, options: { readonly clock?: Clock } = {}) {
    const resolveRetention = createRetentionResolver(store, options.clock ?? systemClock)
    this.capabilities = store.capabilities
    this.buckets = checkBuckets(store)
    this.objects = checkObjects(store, resolveRetention)
    this.uploads = checkUploads(store, resolveRetention)
    this.documents = checkDocuments(store)
    this.commits = checkCommits(store, resolveRetention)
    this.changes = store.changes
    this.#store = store
  }

  /** Closes the store. */
  close(): Promise<void> {
    return this.#store.close()
  }
}
