import type { DigestAlgorithm } from '../base/digest.ts'

/**
 * An object's checksum as S3 shows it. `value` is base64, big-endian; a composite one ends in
 * `-<parts>`.
 * @see S3 User Guide, Checking object integrity
 */
export type Checksum = {
  readonly algorithm: DigestAlgorithm
  readonly type: ChecksumType
  readonly value: string
}

/** `full-object` covers the bytes; `composite` covers the checksums of the parts. */
export type ChecksumType = 'full-object' | 'composite'
