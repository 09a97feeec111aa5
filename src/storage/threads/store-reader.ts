import type { Buckets, Documents, Objects, Uploads } from '../object-store.ts'

/** The half of a store that reads: what every thread does for itself. */
export type StoreReader = {
  readonly buckets: Pick<Buckets, 'get' | 'list'>
  readonly objects: Pick<Objects, 'get' | 'head' | 'list' | 'listVersions'>
  readonly uploads: Pick<Uploads, 'listParts' | 'list'>
  readonly documents: Pick<Documents, 'find' | 'list'>
  close(): Promise<void>
}
