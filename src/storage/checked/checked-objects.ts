import { openBody, type IncomingBytes } from '../incoming-bytes.ts'
import { LIMITS } from '../limits.ts'
import { assertKey } from '../names.ts'
import type {
  ObjectChange,
  ObjectName,
  Objects,
  ObjectStore,
  PutOptions,
  StoreCapabilities,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import {
  assertAcl,
  assertGetOptions,
  assertListLimit,
  assertNewVersion,
  assertTags,
} from './check-arguments.ts'
import { assertCapable, assertSupported } from './check-capabilities.ts'
import type { ResolveRetention } from './default-retention.ts'

/** `Objects` for everyone above storage: `put` takes bytes with what their sender says of them. */
export interface StorageObjects extends Omit<Objects, 'put'> {
  /**
   * As `Objects.put`, after the bytes proved to be what was announced.
   * @throws StorageError `InvalidKey`, `MetadataTooLarge`, `BodyTooLarge`, `IncompleteBody`,
   * `BadDigest`, `BadPayloadHash`, `BadChecksum`, `NotSupported`, and what `Objects.put` throws
   */
  put(name: ObjectName, incoming: IncomingBytes, options: PutOptions): Promise<ObjectVersion>
}

/** The store's objects behind the checks that are the same for every store. */
export function checkObjects(
  store: ObjectStore,
  resolveRetention: ResolveRetention,
): StorageObjects {
  const { objects, capabilities } = store
  return {
    async put(name, incoming, options) {
      assertKey(name.key)
      assertNewVersion(options)
      assertSupported(capabilities, options)
      const body = openBody(incoming, { maxBytes: LIMITS.putBytes })
      return objects.put(name, body, await resolveRetention(name.bucket, options))
    },
    async get(name, options) {
      assertKey(name.key)
      assertGetOptions(options)
      return objects.get(name, options)
    },
    async head(name, options) {
      assertKey(name.key)
      assertGetOptions(options)
      return objects.head(name, options)
    },
    async update(name, change, options) {
      assertKey(name.key)
      assertChange(capabilities, change)
      return objects.update(name, change, options)
    },
    async copy(source, name, options) {
      assertKey(source.key)
      assertKey(name.key)
      assertNewVersion(options)
      assertSupported(capabilities, options)
      return objects.copy(source, name, await resolveRetention(name.bucket, options))
    },
    async delete(name, options) {
      assertKey(name.key)
      assertSupported(capabilities, options)
      return objects.delete(name, options)
    },
    async list(bucket, options) {
      assertListLimit(options.limit)
      return objects.list(bucket, options)
    },
    async listVersions(bucket, options) {
      assertListLimit(options.limit)
      return objects.listVersions(bucket, options)
    },
  }
}

/** @throws StorageError `InvalidArgument`, `MetadataTooLarge`, `NotSupported` */
export function assertChange(capabilities: StoreCapabilities, change: ObjectChange): void {
  switch (change.kind) {
    case 'tags':
      return assertTags(change.tags)
    case 'acl':
      return assertAcl(change.acl)
    case 'retention':
    case 'legal-hold':
      return assertCapable(capabilities, 'objectLock')
  }
}
