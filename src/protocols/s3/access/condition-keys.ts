// What the conditions of policies may know of a request. Each check gets the keys that S3 documents
// for its action and no others: a `prefix` that somebody appends to a GetObject means nothing.
import type { ConditionKeys } from '../../../services/access/question.ts'
import { findParameter, type Query } from '../../http/query.ts'
import { findHeader, type HttpHeaders } from '../../http/request.ts'
import type { SignatureVersion } from '../../http/signature/authenticate.ts'
import { DEFAULT_REGION } from '../bucket/region.ts'
import { parseCopySource } from '../copy-source.ts'
import type { AccessCheck, S3Call } from '../operation.ts'
import { lockKeys, tagKeys } from './written-keys.ts'

/** How a request was signed. */
export type SignatureFacts = {
  readonly authType: 'REST-HEADER' | 'REST-QUERY-STRING' | 'POST'
  readonly version: SignatureVersion
  readonly signedAt?: Date
}

export type KeySource = Pick<S3Call, 'http' | 'at' | 'site'> & {
  /** Absent for whoever signs nothing. */
  readonly signature?: SignatureFacts
}

type Check = Pick<AccessCheck, 'action' | 'resource'>
type Entry = readonly [key: string, value: string | undefined]

/** @see Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3" */
export function conditionKeys(check: Check, source: KeySource): ConditionKeys {
  const single = [...requestKeys(source), ...signatureKeys(source), ...actionKeys(check, source)]
  const keys = new Map<string, readonly string[]>()
  for (const [key, value] of single) if (value !== undefined) keys.set(key, [value])
  if (check.resource.isNew !== true) return keys
  return new Map([...keys, ...writtenKeys(check, source)])
}

/** What every request has. Forms bring their fields as headers. */
function requestKeys({ http, at, site }: KeySource): readonly Entry[] {
  return [
    ['aws:sourceip', http.remoteAddress],
    ['aws:securetransport', String(http.isSecure)],
    ['aws:currenttime', at.toISOString()],
    ['aws:epochtime', String(Math.floor(at.getTime() / 1000))],
    ['aws:requestedregion', site.region ?? DEFAULT_REGION],
    ['s3:tlsversion', http.tlsVersion],
    ['aws:useragent', findHeader(http.headers, 'user-agent')],
    ['aws:referer', findHeader(http.headers, 'referer')],
  ]
}

function signatureKeys({ http, at, signature }: KeySource): readonly Entry[] {
  if (signature === undefined) return []
  const { authType, version, signedAt } = signature
  const isInQuery = authType === 'REST-QUERY-STRING'
  const hash =
    findHeader(http.headers, 'x-amz-content-sha256') ??
    findParameter(http.query, 'X-Amz-Content-Sha256') ??
    (isInQuery ? 'UNSIGNED-PAYLOAD' : undefined)
  return [
    ['s3:authtype', authType],
    ['s3:signatureversion', version],
    ['s3:signatureage', signedAt && String(at.getTime() - signedAt.getTime())],
    ['s3:x-amz-content-sha256', hash],
  ]
}

type KeyRule = {
  readonly actions: RegExp
  /** Query parameters that are keys of the same name. */
  readonly parameters?: readonly string[]
  /** Headers that are keys of the same name. */
  readonly headers?: readonly string[]
}

const RULES: readonly KeyRule[] = [
  { actions: /^s3:ListBucket(Versions)?$/, parameters: ['prefix', 'delimiter', 'max-keys'] },
  {
    actions: /^s3:(CreateBucket|PutBucketAcl|PutObject|PutObjectAcl|PutObjectVersionAcl)$/,
    headers: [
      'x-amz-acl',
      'x-amz-grant-full-control',
      'x-amz-grant-read',
      'x-amz-grant-read-acp',
      'x-amz-grant-write',
      'x-amz-grant-write-acp',
    ],
  },
  {
    actions: /^s3:(CreateBucket|PutBucketOwnershipControls)$/,
    headers: ['x-amz-object-ownership'],
  },
  {
    actions: /^s3:PutObject$/,
    headers: [
      'x-amz-metadata-directive',
      'x-amz-server-side-encryption',
      'x-amz-server-side-encryption-aws-kms-key-id',
      'x-amz-server-side-encryption-customer-algorithm',
      'x-amz-storage-class',
      'x-amz-website-redirect-location',
    ],
  },
  { actions: /^s3:(PutObject|DeleteObject)$/, headers: ['if-match', 'if-none-match'] },
]

function actionKeys({ action, resource }: Check, { http }: KeySource): readonly Entry[] {
  const rules = RULES.filter(({ actions }) => actions.test(action))
  return [
    ['s3:versionid', resource.versionId],
    ...rules.flatMap(({ parameters = [], headers = [] }): readonly Entry[] => [
      ...parameters.map((name) => [`s3:${name}`, findParameter(http.query, name)] as const),
      ...headers.map((name) => [`s3:${name}`, findHeader(http.headers, name)] as const),
    ]),
  ]
}

/** What a write says of the object that results. */
function writtenKeys({ action }: Check, { http, at }: KeySource): ConditionKeys {
  const { headers } = http
  switch (action) {
    case 's3:PutObject':
      return new Map([
        ['s3:objectcreationoperation', [String(isCreating(http.query))]],
        ...copyKeys(headers),
        ...tagKeys(headers),
        ...lockKeys(headers, at),
      ])
    case 's3:PutObjectTagging':
      return tagKeys(headers)
    case 's3:PutObjectRetention':
    case 's3:PutObjectLegalHold':
      return lockKeys(headers, at)
    default:
      return new Map()
  }
}

/** To begin an upload and to send its parts creates no object. */
function isCreating(query: Query): boolean {
  return ['uploads', 'partNumber'].every((name) => findParameter(query, name) === undefined)
}

/** Decoded, since a key has many spellings; with and without the slash that some policies have. */
function copyKeys(headers: HttpHeaders): ConditionKeys {
  if (headers['x-amz-copy-source'] === undefined) return new Map()
  const { bucket, key } = parseCopySource(headers)
  return new Map([['s3:x-amz-copy-source', [`${bucket}/${key}`, `/${bucket}/${key}`]]])
}
