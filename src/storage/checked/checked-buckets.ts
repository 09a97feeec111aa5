import { LIMITS } from '../limits.ts'
import { assertBucketName } from '../names.ts'
import type { Buckets, Documents, NamedContent, ObjectStore } from '../object-store.ts'
import { OBJECT_LOCK_DOCUMENT, parseDefaultRetention } from '../retention.ts'
import { assertListLimit, invalidArgument } from './check-arguments.ts'
import { assertCapable } from './check-capabilities.ts'

/** The store's buckets behind the checks that are the same for every store. */
export function checkBuckets({ buckets, capabilities }: ObjectStore): Buckets {
  return {
    async create(name, options) {
      assertBucketName(name)
      if (options.objectLock) assertCapable(capabilities, 'objectLock')
      for (const document of options.documents ?? []) assertDocument(document)
      return buckets.create(name, options)
    },
    get: (name) => buckets.get(name),
    async list(options) {
      assertListLimit(options.limit)
      return buckets.list(options)
    },
    async update(name, change, options) {
      if (change.versioning !== undefined) assertCapable(capabilities, 'versions')
      if (change.objectLock === true) assertCapable(capabilities, 'objectLock')
      return buckets.update(name, change, options)
    },
    delete: (name, options) => buckets.delete(name, options),
  }
}

const DOCUMENT_NAME = /^[a-z][a-z0-9-]{0,63}$/

/** Documents whose names and sizes are checked before the store sees them. */
export function checkDocuments({ documents }: ObjectStore): Documents {
  return {
    find: (bucket, name) => documents.find(bucket, name),
    async put(bucket, document, options) {
      assertDocument(document)
      return documents.put(bucket, document, options)
    },
    delete: (bucket, name, options) => documents.delete(bucket, name, options),
    list: (bucket) => documents.list(bucket),
  }
}

function assertDocument({ name, content }: NamedContent): void {
  if (!DOCUMENT_NAME.test(name)) {
    throw invalidArgument(`"${name}" is no document's name: lower-case letters, digits, hyphens.`)
  }
  if (Buffer.byteLength(content) > LIMITS.documentBytes) {
    throw invalidArgument(`The document "${name}" has more than ${LIMITS.documentBytes} bytes.`)
  }
  if (name === OBJECT_LOCK_DOCUMENT) parseDefaultRetention(content)
}
