// The checksum of a concatenation from the checksums of its halves, without their bytes: how a
// full-object checksum of a multipart upload is made from those of its parts.
import type { DigestAlgorithm } from './digest.ts'

export type CrcAlgorithm = Extract<DigestAlgorithm, 'CRC32' | 'CRC32C' | 'CRC64NVME'>

type Polynomial = { readonly width: number; readonly reflected: bigint }

/** @see https://reveng.sourceforge.io/crc-catalogue/all.htm; here with their bits reversed. */
const POLYNOMIALS: Readonly<Record<CrcAlgorithm, Polynomial>> = {
  CRC32: { width: 32, reflected: 0xedb88320n },
  CRC32C: { width: 32, reflected: 0x82f63b78n },
  CRC64NVME: { width: 64, reflected: 0x9a6c9329ac4bc9b5n },
}

export function isCrcAlgorithm(algorithm: DigestAlgorithm): algorithm is CrcAlgorithm {
  return algorithm in POLYNOMIALS
}

export type CrcPart = { readonly crc: Uint8Array; readonly sizeBytes: number }

/**
 * The checksum of all parts one after the other; the first part's size does not matter.
 * Appending n bytes multiplies a CRC by x^8n modulo its polynomial, which takes log n steps.
 * @see crc32_combine in zlib, whose idea this is
 */
export function combineCrc(algorithm: CrcAlgorithm, parts: readonly CrcPart[]): Uint8Array {
  const polynomial = POLYNOMIALS[algorithm]
  const combined = parts.reduce((before, { crc, sizeBytes }) => {
    const shifted = multiply(before, powerOfX(BigInt(sizeBytes) * 8n, polynomial), polynomial)
    return shifted ^ readBigEndian(crc)
  }, 0n)
  return Buffer.from(combined.toString(16).padStart(polynomial.width / 4, '0'), 'hex')
}

/** The product of two polynomials over GF(2); the highest bit is the coefficient of x^0. */
function multiply(one: bigint, other: bigint, { width, reflected }: Polynomial): bigint {
  let product = 0n
  let shifted = other
  for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
    if ((one & bit) !== 0n) product ^= shifted
    shifted = (shifted & 1n) === 0n ? shifted >> 1n : (shifted >> 1n) ^ reflected
  }
  return product
}

function powerOfX(exponent: bigint, polynomial: Polynomial): bigint {
  let power = 1n << BigInt(polynomial.width - 1)
  let square = power >> 1n
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) power = multiply(power, square, polynomial)
    square = multiply(square, square, polynomial)
  }
  return power
}

function readBigEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
