// Buckets that are named by the host instead of the path: `bucket.s3.example.com`.
// @see S3 User Guide, "Virtual hosting of general purpose buckets"

/**
 * What stands before one of the domains in a host, and could be a bucket; undefined for a domain
 * itself and for every other host, whose requests name the bucket in the path.
 */
export function findHostedBucket(
  host: string,
  domains: readonly string[] = [],
): string | undefined {
  const name = host.replace(/\.?(:\d*)?$/, '')
  // The longest domain first: with `example.com` and `s3.example.com`, `s3` is no bucket.
  const domain = domains
    .filter((each) => name === each || name.endsWith(`.${each}`))
    .toSorted((one, other) => other.length - one.length)[0]
  if (domain === undefined || name === domain) return undefined
  const bucket = name.slice(0, -domain.length - 1)
  return isBucketName(bucket) && !RESERVED.has(bucket) ? bucket : undefined
}

/** Names that no bucket may have: paths below them belong to other protocols. */
const RESERVED: ReadonlySet<string> = new Set(['minio', 'coffer'])

function isBucketName(text: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)
}
