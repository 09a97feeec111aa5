import { getPublicAccessBlock, POLICY_DOCUMENT } from '../../../services/access/bucket-access.ts'
import { isPublicPolicy } from '../../../services/access/policy/is-public.ts'
import { parsePolicy } from '../../../services/access/policy/parse-policy.ts'
import type { PolicyDocument } from '../../../services/access/policy/policy-document.ts'
import { PolicyError } from '../../../services/access/policy/policy-error.ts'
import { findHeader } from '../../http/request.ts'
import { assertOwnBucket } from '../access/own-bucket.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { changeOptions, onBucket, type S3Operation, type S3Request } from '../operation.ts'
import { readText } from '../xml-body.ts'

/** @see S3 API Reference, PutBucketPolicy */
export const putBucketPolicy: S3Operation = {
  name: 'PutBucketPolicy',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?policy'],

  access: (call) => [onBucket('s3:PutBucketPolicy', call)],

  async run(request, storage) {
    await assertOwnBucket(request, storage)
    const { bucket } = request
    const { content, policy } = await readPolicy(request)
    const { blockPublicPolicy } = await getPublicAccessBlock(storage, bucket)
    if (blockPublicPolicy && isPublicPolicy(policy)) {
      throw new S3Error('AccessDenied', {
        message: 'The policy is public, and the public access block of the bucket refuses those.',
      })
    }
    await assertStillMine(request, policy)
    const document = { name: POLICY_DOCUMENT, content }
    await storage.documents.put(bucket, document, changeOptions(request))
    return emptyAnswer(204)
  },
}

type ReadPolicy = { readonly content: string; readonly policy: PolicyDocument }

async function readPolicy(request: S3Request): Promise<ReadPolicy> {
  const content = await readText(request)
  if (content === undefined) {
    throw new S3Error('MalformedPolicy', { message: 'Policies are JSON in UTF-8.' })
  }
  try {
    return { content, policy: parsePolicy(content, { kind: 'bucket', bucket: request.bucket }) }
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause
    throw new S3Error('MalformedPolicy', { message: cause.message, cause })
  }
}

/** Nobody takes the right to change the policy from themselves without saying that they mean it. */
async function assertStillMine(request: S3Request, proposedPolicy: PolicyDocument): Promise<void> {
  const confirmed = findHeader(request.headers, 'x-amz-confirm-remove-self-bucket-access')
  if (confirmed?.toLowerCase() === 'true') return
  const check = onBucket('s3:PutBucketPolicy', request)
  const { allowed, reason } = await request.decide({ ...check, proposedPolicy })
  if (allowed) return
  throw new S3Error('AccessDenied', {
    message:
      'With this policy you could not change it again. Send x-amz-confirm-remove-self-bucket-access: true if that is meant.',
    reason,
  })
}
