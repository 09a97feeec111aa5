/** What a command is about: `bucket`, `bucket/key` or `bucket/prefix/`, with or without `s3://`. */
import { ConfigurationError } from '../../app/config.ts'

const SCHEME = 's3://'

export type Target = {
  readonly bucket: string
  /** A key or a prefix; empty for the bucket as a whole. */
  readonly key: string
}

/** @throws ConfigurationError when no bucket is named */
export function parseTarget(text: string): Target {
  const name = text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text
  const slash = name.indexOf('/')
  const bucket = slash === -1 ? name : name.slice(0, slash)
  if (bucket === '') {
    throw new ConfigurationError(`"${text}" names no bucket. Give s3://bucket or s3://bucket/key.`)
  }
  return { bucket, key: slash === -1 ? '' : name.slice(slash + 1) }
}

/** @throws ConfigurationError unless it names an object */
export function parseObjectTarget(text: string): Target {
  const target = parseTarget(text)
  if (target.key !== '') return target
  throw new ConfigurationError(
    `"${text}" is a bucket. Name an object: ${renderTarget(target)}/key.`,
  )
}

/** @throws ConfigurationError unless it names a bucket and nothing in it */
export function parseBucketTarget(text: string): string {
  const { bucket, key } = parseTarget(text)
  if (key === '') return bucket
  throw new ConfigurationError(`"${text}" names more than a bucket. Give s3://${bucket}.`)
}

/** Where objects and files can both be meant, the scheme tells which. */
export function isRemote(text: string): boolean {
  return text.startsWith(SCHEME)
}

export function renderTarget({ bucket, key }: Target): string {
  return key === '' ? `${SCHEME}${bucket}` : `${SCHEME}${bucket}/${key}`
}

/** The prefix that holds what lies in a folder: `data` and `data/` are the same one. */
export function folderPrefix(key: string): string {
  return key === '' || key.endsWith('/') ? key : `${key}/`
}
