// Whether a signature counts now.
import { AuthenticationError } from './authentication-error.ts'
import type { SignatureClaim } from './signature-claim.ts'

/** How far the clocks may be apart. @see S3 API Reference, RequestTimeTooSkewed */
const MAX_SKEW_MS = 15 * 60 * 1000

/**
 * The signature was made a moment ago, or the time that it was given is not over.
 * @throws AuthenticationError `ClockSkewed`, `PresignedUrlNotYetValid`, `PresignedUrlExpired`
 */
export function assertTime(claim: SignatureClaim, nowMs: number): void {
  const { signedAt, timestamp, expiresSeconds } = claim
  const checkedAt = new Date(nowMs)
  const aheadMs = signedAt.getTime() - nowMs
  if (expiresSeconds === undefined) {
    if (Math.abs(aheadMs) <= MAX_SKEW_MS) return
    throw new AuthenticationError(
      'ClockSkewed',
      'The difference between the request time and the current time is too large.',
      { timestamp, checkedAt, maxSkewMs: MAX_SKEW_MS },
    )
  }
  if (aheadMs > MAX_SKEW_MS) {
    throw new AuthenticationError('PresignedUrlNotYetValid', 'Request is not valid yet', {
      timestamp,
      checkedAt,
    })
  }
  const expiredAt = new Date(signedAt.getTime() + expiresSeconds * 1000)
  assertNotExpired({ expiredAt, expiresSeconds }, nowMs)
}

/**
 * A presigned URL still counts.
 * @throws AuthenticationError `PresignedUrlExpired`
 */
export function assertNotExpired(
  validity: { readonly expiredAt: Date; readonly expiresSeconds?: number },
  nowMs: number,
): void {
  if (nowMs < validity.expiredAt.getTime()) return
  throw new AuthenticationError('PresignedUrlExpired', 'Request has expired', {
    ...validity,
    checkedAt: new Date(nowMs),
  })
}
