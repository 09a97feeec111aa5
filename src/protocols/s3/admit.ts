// What every operation refuses before it runs: callers who may not, buckets that are another's,
// headers that nobody carries out.
import type { VersionName } from '../../storage/object-store.ts'
import type { Storage } from '../../storage/storage.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { revealMissing } from './access/missing-keys.ts'
import { parseCopySource } from './copy-source.ts'
import {
  type AccessCheck,
  onNewObject,
  onObject,
  type S3Call,
  type S3Operation,
} from './operation.ts'
import { S3Error } from './errors.ts'

/** @throws S3Error `AccessDenied`, `NotImplemented` */
export async function admit(operation: S3Operation, call: S3Call, storage: Storage): Promise<void> {
  assertSupported(call.headers)
  try {
    for (const check of operation.access(call)) await assertAllowed(call, check)
  } catch (error) {
    throw await revealMissing(error, call, storage)
  }
  await assertExpectedOwners(call, storage)
}

/** @throws S3Error `AccessDenied`, whose reason only the log hears */
export async function assertAllowed(call: S3Call, check: AccessCheck): Promise<void> {
  const { allowed, reason } = await call.decide(check)
  if (!allowed) throw new S3Error('AccessDenied', { reason })
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
    if (!name.startsWith('x-amz-')) continue
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
async function assertExpectedOwners({ headers, bucket }: S3Call, storage: Storage): Promise<void> {
  const expected = findHeader(headers, 'x-amz-expected-bucket-owner')
  if (expected !== undefined) await assertOwner(storage, { bucket, expected })
  const ofSource = findHeader(headers, 'x-amz-source-expected-bucket-owner')
  if (ofSource === undefined) return
  await assertOwner(storage, { bucket: parseCopySource(headers).bucket, expected: ofSource })
}

async function assertOwner(
  storage: Storage,
  { bucket, expected }: { readonly bucket: string; readonly expected: string },
): Promise<void> {
  const { owner } = await storage.buckets.get(bucket)
  if (owner !== expected) throw new S3Error('AccessDenied')
}

/** What it takes to make a version: tags and locks are rights of their own. */
export function writeAccess(call: S3Call): readonly AccessCheck[] {
  const checks = putAccess(call)
  const asked = WRITE_ACTIONS.filter(([header]) => call.headers[header] !== undefined)
  if (asked.length === 0) return checks
  const actions = new Set(asked.map(([, action]) => action))
  return [...checks, ...Array.from(actions, (each) => onNewObject(each, call))]
}

/** What it takes to put bytes, or to make an object of those that were put. */
export function putAccess({ bucket, key, headers }: S3Call): readonly AccessCheck[] {
  const name = { bucket, key }
  return [
    onNewObject('s3:PutObject', name),
    ...comparisonAccess(name, findHeader(headers, 'if-match')),
  ]
}

/**
 * Whoever has its ETag compared learns about what is there.
 * @see S3 User Guide, "How to prevent object overwrites with conditional writes", "How to perform
 * conditional deletes"
 */
export function comparisonAccess(
  name: VersionName,
  etag: string | undefined,
): readonly AccessCheck[] {
  return etag === undefined || etag === '*' ? [] : [onObject('s3:GetObject', name)]
}

/** @see S3 API Reference, PutObject, Permissions */
const WRITE_ACTIONS = [
  ['x-amz-acl', 's3:PutObjectAcl'],
  ['x-amz-grant-full-control', 's3:PutObjectAcl'],
  ['x-amz-grant-read', 's3:PutObjectAcl'],
  ['x-amz-grant-read-acp', 's3:PutObjectAcl'],
  ['x-amz-grant-write-acp', 's3:PutObjectAcl'],
  ['x-amz-tagging', 's3:PutObjectTagging'],
  ['x-amz-object-lock-mode', 's3:PutObjectRetention'],
  ['x-amz-object-lock-legal-hold', 's3:PutObjectLegalHold'],
] as const

/** What it takes to delete: naming a version and overriding a retention are rights of their own. */
export function deleteAccess(
  name: VersionName,
  { bypassGovernance, etag }: { readonly bypassGovernance: boolean; readonly etag?: string },
): readonly AccessCheck[] {
  const action = name.versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  const checks = [onObject(action, name), ...comparisonAccess(name, etag)]
  return bypassGovernance ? [...checks, onObject('s3:BypassGovernanceRetention', name)] : checks
}
