/** Buckets that are there from the start. */
import { NO_OWNERSHIP_DOCUMENT } from '../services/access/bucket-access.ts'
import { DEFAULT_ACCOUNT_ID, ROOT_IDENTITY } from '../services/access/caller.ts'
import { NOBODY } from '../storage/change-feed.ts'
import type { CreateBucketOptions } from '../storage/object-store.ts'
import { isStorageError } from '../storage/storage-error.ts'
import type { Storage } from '../storage/storage.ts'
import type { Configuration } from './settings/settings.ts'

type Wanted = Pick<Configuration, 'buckets' | 'newBuckets'>

/** Those that are missing are made, the default account's; the others stay as they are. */
export async function makeFirstBuckets(
  storage: Storage,
  { buckets, newBuckets }: Wanted,
): Promise<void> {
  const options: CreateBucketOptions = {
    origin: { ...NOBODY, account: DEFAULT_ACCOUNT_ID, identity: ROOT_IDENTITY },
    owner: DEFAULT_ACCOUNT_ID,
    objectLock: false,
    documents: newBuckets === 'acl' ? [NO_OWNERSHIP_DOCUMENT] : [],
  }
  for (const name of buckets) {
    try {
      await storage.buckets.create(name, options)
    } catch (error) {
      if (!isStorageError(error, 'BucketAlreadyExists')) throw error
    }
  }
}
