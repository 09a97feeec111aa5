// What every operation refuses before it runs: callers who may not, buckets that are another's,
// headers that nobody carries out.
import type { VersionName } from '../../storage/object-store.ts'
import type { Storage } from '../../storage/storage.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { parseCopySource } from './copy-source.ts'
import { type AccessCheck, onObject, type S3Call, type S3Operation } from './operation.ts'
import { S3Error } from './errors.ts'

/** @throws S3Error `AccessDenied`, `NotImplemented` */
export async function admit(operation: S3Operation, call: S3Call, storage: Storage): Promise<void> {
  assertSupported(call.headers)
  for (const check of operation.access(call)) {
    if (!(await call.isAllowed(check))) throw new S3Error('AccessDenied')
  }
  await assertExpectedOwners(call, storage)
}

const UNSUPPORTED_PREFIXES = [
  'x-amz-server-side-encryption',
  'x-amz-copy-source-server-side-encryption',
  'x-amz-write-offset-bytes',
  'x-amz-object-lock-event-hold',
  'x-amz-mfa',
]

function assertSupported(headers: HttpHeaders): void {
  for (const name in headers) {
    if (!UNSUPPORTED_PREFIXES.some((prefix) => name.startsWith(prefix))) continue
    throw new S3Error('NotImplemented', {
      message: 'A header you provided implies functionality that is not implemented',
      fields: { Header: name },
    })
  }
}

/**
 * Clients name the owner that they expect, so that they never talk to a bucket of the same name.
 */
async function assertExpectedOwners(call: S3Call, storage: Storage): Promise<void> {
  await assertOwner(storage, {
    bucket: () => call.bucket,
    expected: findHeader(call.headers, 'x-amz-expected-bucket-owner'),
  })
  await assertOwner(storage, {
    bucket: () => parseCopySource(call.headers).bucket,
    expected: findHeader(call.headers, 'x-amz-source-expected-bucket-owner'),
  })
}

async function assertOwner(
  storage: Storage,
  { bucket, expected }: { readonly bucket: () => string; readonly expected: string | undefined },
): Promise<void> {
  if (expected === undefined) return
  const { owner } = await storage.buckets.get(bucket())
  if (owner !== expected) throw new S3Error('AccessDenied')
}

/** What it takes to make a version: tags and locks are rights of their own. */
export function writeAccess(call: S3Call): readonly AccessCheck[] {
  const actions = Object.entries(WRITE_ACTIONS).flatMap(([header, action]) =>
    call.headers[header] === undefined ? [] : [action],
  )
  return ['s3:PutObject', ...actions].map((action) => onObject(action, call))
}

const WRITE_ACTIONS = {
  'x-amz-tagging': 's3:PutObjectTagging',
  'x-amz-object-lock-mode': 's3:PutObjectRetention',
  'x-amz-object-lock-legal-hold': 's3:PutObjectLegalHold',
} as const

/** What it takes to delete: naming a version and overriding a retention are rights of their own. */
export function deleteAccess(
  name: VersionName,
  { bypassGovernance }: { readonly bypassGovernance: boolean },
): readonly AccessCheck[] {
  const action = name.versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  const checks = [onObject(action, name)]
  return bypassGovernance ? [...checks, onObject('s3:BypassGovernanceRetention', name)] : checks
}
