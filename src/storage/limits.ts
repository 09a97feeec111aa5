/**
 * What a store holds at most. S3's own numbers where S3 has one: S3 User Guide, "Amazon S3 quotas".
 */
export const LIMITS = {
  keyBytes: 1024,
  bucketNameMin: 3,
  bucketNameMax: 63,
  /** User metadata: names and values together. */
  metadataBytes: 2048,
  /** All content headers together; keeps a version's row small. */
  headerBytes: 8192,
  objectTags: 10,
  tagNameCharacters: 128,
  tagValueCharacters: 256,
  aclBytes: 65_536,
  documentBytes: 262_144,
  parts: 10_000,
  partBytesMin: 5_242_880,
  partBytesMax: 5_368_709_120,
  /** One put; larger objects come in parts. */
  putBytes: 5_368_709_120,
  copyBytes: 5_368_709_120,
  buckets: 100_000,
  /** Begun and neither completed nor aborted, in a bucket. */
  openUploads: 100_000,
  listPage: 1000,
  writesInCommit: 10_000,
} as const
