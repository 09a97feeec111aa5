import { type SigningKey, UNSIGNED_PAYLOAD } from '../../../base/sigv4.ts'
import { AuthenticationError } from './authentication-error.ts'

/** What a signature says about the body that follows. */
export type PayloadSeal =
  /** Nothing: `UNSIGNED-PAYLOAD`. */
  | { readonly kind: 'unsigned' }
  /** Its SHA-256, lower-case hex, which the reader of the body must check. */
  | { readonly kind: 'hash'; readonly sha256: string }
  /** It comes in aws-chunked framing, each chunk signed or none. */
  | {
      readonly kind: 'chunked'
      readonly signing: ChunkSigning | undefined
      readonly hasTrailers: boolean
    }

/** What the signature of a chunk is calculated with. */
export type ChunkSigning = {
  readonly key: SigningKey
  readonly timestamp: string
  /** `day/region/service/aws4_request`. */
  readonly scope: string
  /** The signature of the request, which the first chunk's signature covers. */
  readonly seedSignature: string
}

const SHA256_HEX = /^[0-9a-f]{64}$/i

/**
 * The seal that a value of `x-amz-content-sha256` stands for.
 * @throws AuthenticationError `PayloadHashMalformed`
 * @see S3 API Reference, "Signature Calculations for the Authorization Header"
 */
export function readPayloadSeal(value: string, signing: ChunkSigning): PayloadSeal {
  switch (value) {
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { kind: 'chunked', signing, hasTrailers: false }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', signing, hasTrailers: true }
    default:
      return readUnsignedPayloadSeal(value)
  }
}

/** The same for a request that nobody signed. @throws AuthenticationError `PayloadHashMalformed` */
export function readUnsignedPayloadSeal(value: string = UNSIGNED_PAYLOAD): PayloadSeal {
  switch (value) {
    case UNSIGNED_PAYLOAD:
      return { kind: 'unsigned' }
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', signing: undefined, hasTrailers: true }
    default:
      if (SHA256_HEX.test(value)) return { kind: 'hash', sha256: value.toLowerCase() }
      throw new AuthenticationError(
        'PayloadHashMalformed',
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, ' +
          'STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a ' +
          'valid sha256 value.',
        { argument: { name: 'x-amz-content-sha256', value } },
      )
  }
}
