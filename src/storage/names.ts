// Which names buckets and keys may have.
import { LIMITS } from './limits.ts'
import { StorageError } from './storage-error.ts'

/** Path prefixes of our own port: MinIO's API and health, and Coffer's. */
export const RESERVED_BUCKET_NAMES: ReadonlySet<string> = new Set(['minio', 'coffer'])

/** Labels as in host names, which virtual-host style makes of them. */
const BUCKET_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/
const FORBIDDEN_PREFIXES = ['xn--', 'sthree-', 'amzn-s3-demo-']
const FORBIDDEN_SUFFIXES = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3']

/**
 * Passes when a bucket may be created under that name.
 * @throws StorageError `InvalidBucketName`
 * @see S3 User Guide, General purpose bucket naming rules
 */
export function assertBucketName(name: string): void {
  const problem = findBucketNameProblem(name)
  if (problem === undefined) return
  throw new StorageError('InvalidBucketName', `The bucket name "${name}" ${problem}.`, {
    details: { bucket: name },
  })
}

/** What keeps a bucket from having the name, as the end of a sentence. */
export function findBucketNameProblem(name: string): string | undefined {
  const { bucketNameMin, bucketNameMax } = LIMITS
  if (name.length < bucketNameMin || name.length > bucketNameMax) {
    return `must have ${bucketNameMin} to ${bucketNameMax} characters`
  }
  if (!BUCKET_NAME.test(name)) {
    return 'may hold labels between dots: letters in lower case, digits, and hyphens between them'
  }
  if (IP_ADDRESS.test(name)) return 'must not look like an IP address'
  if (RESERVED_BUCKET_NAMES.has(name)) return 'is reserved for the server itself'
  const prefix = FORBIDDEN_PREFIXES.find((start) => name.startsWith(start))
  if (prefix !== undefined) return `must not begin with "${prefix}"`
  const suffix = FORBIDDEN_SUFFIXES.find((end) => name.endsWith(end))
  return suffix === undefined ? undefined : `must not end with "${suffix}"`
}

/**
 * Passes for 1 to 1,024 bytes of well-formed UTF-8, whatever they say.
 * @throws StorageError `InvalidKey`
 * @see S3 User Guide, Naming Amazon S3 objects
 */
export function assertKey(key: string): void {
  if (!key.isWellFormed()) throw invalidKey('is not well-formed Unicode')
  if (key.length === 0) throw invalidKey('is empty')
  // UTF-8 has at most three bytes for each UTF-16 unit, so most keys need no count.
  if (key.length * 3 > LIMITS.keyBytes && Buffer.byteLength(key) > LIMITS.keyBytes) {
    throw invalidKey(`has more than ${LIMITS.keyBytes} bytes`)
  }
}

function invalidKey(problem: string): StorageError {
  return new StorageError('InvalidKey', `The object key ${problem}.`)
}

/** The refusal to create one more. */
export function tooManyBuckets(): StorageError {
  return new StorageError(
    'TooManyBuckets',
    `There are ${LIMITS.buckets} buckets. Delete some, or use prefixes in place of buckets.`,
  )
}
