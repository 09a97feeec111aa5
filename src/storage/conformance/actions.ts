// What nearly every proof does: make the bucket, put, read, list.
import type { Change, Origin } from '../change-feed.ts'
import type {
  Bucket,
  ChangeOptions,
  DeleteOptions,
  DeleteOutcome,
  GetOptions,
  NewVersion,
  ObjectStore,
  PutOptions,
  VersionName,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { bodyOf, readAll } from './bytes.ts'

export const BUCKET = 'bucket'

export const ORIGIN: Origin = {
  account: 'alice',
  identity: 'alice/laptop',
  requestId: 'request-1',
  sourceAddress: '192.0.2.1',
  userAgent: 'conformance',
  ancestry: ['request-0'],
}

export const CHANGE: ChangeOptions = { origin: ORIGIN }

export const PLAIN: ChangeOptions & NewVersion = {
  origin: ORIGIN,
  owner: 'alice',
  headers: {},
  metadata: [],
  tags: [],
  storageClass: 'STANDARD',
}

export async function createBucket(
  store: ObjectStore,
  kind: Bucket['versioning'] | 'locked' = 'unversioned',
): Promise<void> {
  const objectLock = kind === 'locked'
  await store.buckets.create(BUCKET, { ...CHANGE, owner: 'alice', objectLock })
  if (kind === 'enabled' || kind === 'suspended') await setVersioning(store, kind)
}

export async function setVersioning(
  store: ObjectStore,
  versioning: 'enabled' | 'suspended',
): Promise<void> {
  await store.buckets.update(BUCKET, { versioning }, CHANGE)
}

/** Names an object, or a version of it, in the suite's bucket. */
export function at(key: string, versionId?: string): VersionName {
  return versionId === undefined ? { bucket: BUCKET, key } : { bucket: BUCKET, key, versionId }
}

type Content = string | Uint8Array
type WithOptions = Partial<PutOptions> & { readonly content: Content }

/** Puts a text or bytes, with options beside its content when there are any. */
export function put(
  store: ObjectStore,
  key: string,
  given: Content | WithOptions = key,
): Promise<ObjectVersion> {
  const isContent = typeof given === 'string' || given instanceof Uint8Array
  const { content, ...options } = isContent ? { content: given } : given
  return store.objects.put(at(key), bodyOf(content), { ...PLAIN, ...options })
}

export function remove(
  store: ObjectStore,
  name: VersionName,
  options: Partial<DeleteOptions> = {},
): Promise<DeleteOutcome> {
  return store.objects.delete(name, { ...CHANGE, ...options })
}

export async function read(
  store: ObjectStore,
  name: VersionName,
  options: GetOptions = {},
): Promise<Buffer> {
  const { bytes } = await store.objects.get(name, options)
  return readAll(bytes)
}

export async function readText(store: ObjectStore, name: VersionName): Promise<string> {
  return (await read(store, name)).toString()
}

/** What the bucket shows, in the order in which it shows it. */
export async function listKeys(store: ObjectStore): Promise<readonly string[]> {
  const { objects } = await store.objects.list(BUCKET, { limit: 1000 })
  return objects.map(({ key }) => key)
}

/** Every version and marker of the bucket, as `key id`. */
export async function listVersionIds(store: ObjectStore): Promise<readonly string[]> {
  const { versions } = await store.objects.listVersions(BUCKET, { limit: 1000 })
  return versions.map(({ key, versionId }) => `${key} ${versionId}`)
}

/** The feed from its oldest entry to its head; empty where there is no feed. */
export async function readChanges(store: ObjectStore, after?: string): Promise<readonly Change[]> {
  const { changes } = store
  if (changes === undefined) return []
  const head = await changes.head()
  const start = after ?? (await changes.oldest())
  const found: Change[] = []
  if (start >= head) return found
  for await (const change of changes.read(start, new AbortController().signal)) {
    found.push(change)
    if (change.sequence >= BigInt(`0x${head}`)) break
  }
  return found
}
