// What the protocols ask of access, and what they are answered.
import type { Caller } from './caller.ts'
import type { PolicyDocument } from './policy/policy-document.ts'

/** May this caller do this to that, as things stand? */
export type AccessQuestion = {
  readonly caller: Caller
  /** In the words of AWS policies, e.g. `s3:PutObject`. */
  readonly action: string
  readonly resource: Resource
  /** Made only when a policy may look at them: most decisions need none. */
  readonly keys: ConditionKeys | (() => ConditionKeys)
  /** Asks as if this were the policy of the bucket. */
  readonly proposedPolicy?: PolicyDocument | undefined
}

/** All buckets, one bucket, an object or a version of it. */
export type Resource = {
  readonly bucket?: string
  readonly key?: string
  readonly versionId?: string
  /** Present for what this very request writes: what lies there now says nothing about it. */
  readonly isNew?: true
  /** Present for the parts of an upload. */
  readonly uploadId?: string
}

/**
 * What conditions and variables of policies may look at, by name in lower case: `aws:sourceip`,
 * `s3:prefix`. What the question itself says - the caller, the object's tags - is added by access.
 */
export type ConditionKeys = ReadonlyMap<string, readonly string[]>

/** The answer, and why: a sentence that names what decided. Nobody acts on the sentence. */
export type Decision = {
  readonly allowed: boolean
  readonly reason: string
}

/** @throws StorageError `NoSuchBucket`, for the question is about one */
export type Decide = (question: AccessQuestion) => Promise<Decision>

/** The ARN that policies name a resource by. */
export function resourceArn({ bucket = '*', key }: Resource): string {
  return key === undefined ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`
}
