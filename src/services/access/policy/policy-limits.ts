/** What a policy may hold at most. */
export const POLICY_LIMITS = {
  /** S3's limit for the policies of buckets. @see S3 User Guide, Bucket policies */
  sizeBytes: 20_480,
  /** Objects and lists inside each other; a policy needs seven. */
  depth: 10,
  statements: 200,
  /** Of one element or one condition key. */
  values: 500,
  /** Of one pattern, principal, name or value. */
  characters: 2048,
} as const
