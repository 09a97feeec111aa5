// Who signed a request, in its header or its URL. Who may do what is decided elsewhere.
import type { Clock } from '../../../base/clock.ts'
import { createSigningKeyCache, formatScope, SIGV4_ALGORITHM } from '../../../base/sigv4.ts'
import type { PublicUrl } from '../proxy/public-url.ts'
import { findHostedBucket } from '../proxy/virtual-host.ts'
import type { HttpRequest } from '../request.ts'
import { assertHeadersSigned, assertSignature } from './assert-signature.ts'
import { AuthenticationError } from './authentication-error.ts'
import { assertScope } from './credential.ts'
import { type PayloadSeal, readPayloadSeal } from './payload-seal.ts'
import {
  assertParametersSigned,
  assertPresignedV2,
  readPresignedV2,
  stringToSignV2,
} from './presigned-v2.ts'
import { assertNotExpired, assertTime } from './signature-time.ts'
import { isPresignedV2Alone, readSignatureClaim } from './signature-claim.ts'

/** Where an authenticator gets what it compares with. */
export type AuthenticatorOptions<Key extends SecretKey = SecretKey> = {
  /** What an access key signs with, and whatever else its answer tells; `undefined` for no key. */
  readonly findKey: (accessKey: string) => Promise<Key | undefined> | Key | undefined
  readonly clock: Clock
  /** The only region accepted in signatures; any when absent. */
  readonly region?: string | undefined
  /** The service that signatures must be made for. */
  readonly service?: string
  /** What clients may have signed in place of the host and path that arrived. */
  readonly publicUrl?: PublicUrl | undefined
  /** Domains whose subdomains are buckets, which version 2 signs as part of the path. */
  readonly domains?: readonly string[]
  /** Whether URLs and policies of forms may be signed with version 2; not when absent. */
  readonly signatureV2?: 'off' | 'presigned'
}

export type SecretKey = { readonly secret: string }

/** Who signed the request, and what the signature says about its body. */
export type Authentication = {
  readonly accessKey: string
  readonly isPresigned: boolean
  readonly version: SignatureVersion
  /** Version 2 does not say. */
  readonly signedAt?: Date
  readonly payload: PayloadSeal
}

/** As policies name them: `s3:signatureversion`. */
export type SignatureVersion = 'AWS4-HMAC-SHA256' | 'AWS'

/** Gives the key as it was found, too. @throws AuthenticationError with any of its codes */
export type Authenticator<Key> = (
  request: HttpRequest,
) => Promise<Authentication & { readonly key: Key }>

/** An authenticator that remembers the signing keys that it derived. */
export function createAuthenticator<Key extends SecretKey>(
  options: AuthenticatorOptions<Key>,
): Authenticator<Key> {
  const { clock, region, service = 's3' } = options
  const signingKey = createSigningKeyCache()
  return async (request) => {
    if (isPresignedV2Alone(request)) return authenticateV2(request, options)
    const claim = readSignatureClaim(request)
    const isPresigned = claim.expiresSeconds !== undefined
    assertScope(claim, { region, service }, isPresigned ? 'query' : 'header')
    assertTime(claim, clock.now())
    assertHeadersSigned(claim, request)
    const key = await getKey(claim.accessKey, options)
    const signedBy = signingKey(key.secret, claim.scope)
    assertSignature(claim, request, { key: signedBy, publicUrl: findPublicUrl(request, options) })
    return {
      accessKey: claim.accessKey,
      key,
      isPresigned,
      version: SIGV4_ALGORITHM,
      signedAt: claim.signedAt,
      payload: readPayloadSeal(claim.payloadHash, {
        key: signedBy,
        timestamp: claim.timestamp,
        scope: formatScope(claim.scope),
        seedSignature: claim.signature,
      }),
    }
  }
}

/** Below a bucket's own host a path is a key; what was signed for the public address is none. */
function findPublicUrl(
  { host }: HttpRequest,
  { publicUrl, domains }: Pick<AuthenticatorOptions, 'publicUrl' | 'domains'>,
): PublicUrl | undefined {
  return findHostedBucket(host, domains) === undefined ? publicUrl : undefined
}

async function authenticateV2<Key extends SecretKey>(
  request: HttpRequest,
  options: AuthenticatorOptions<Key>,
): ReturnType<Authenticator<Key>> {
  assertV2Accepted(options)
  assertParametersSigned(request)
  const claim = readPresignedV2(request)
  assertNotExpired({ expiredAt: claim.expiresAt }, options.clock.now())
  const key = await getKey(claim.accessKey, options)
  const bucket = findHostedBucket(request.host, options.domains)
  const text = stringToSignV2(request, { expires: claim.expires, bucket })
  assertPresignedV2(claim, { secret: key.secret, text })
  const payload = { kind: 'unsigned' } as const
  return { accessKey: claim.accessKey, key, isPresigned: true, version: 'AWS', payload }
}

/**
 * The server takes signatures of version 2.
 * @throws AuthenticationError `AuthenticationUnsupported`
 */
export function assertV2Accepted({ signatureV2 }: Pick<AuthenticatorOptions, 'signatureV2'>): void {
  if (signatureV2 === 'presigned') return
  throw new AuthenticationError(
    'AuthenticationUnsupported',
    'The authorization mechanism you have provided is not supported. Please use ' +
      `${SIGV4_ALGORITHM}. (The operator may accept presigned URLs and forms of version 2 by ` +
      'COFFER_SIGNATURE_V2=presigned.)',
  )
}

/** The key with an id. @throws AuthenticationError `AccessKeyUnknown` */
export async function getKey<Key extends SecretKey>(
  accessKey: string,
  { findKey }: Pick<AuthenticatorOptions<Key>, 'findKey'>,
): Promise<Key> {
  const key = await findKey(accessKey)
  if (key !== undefined) return key
  throw new AuthenticationError('AccessKeyUnknown', 'The access key does not exist.', { accessKey })
}
