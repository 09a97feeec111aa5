// Every digest that S3 knows, streaming and synchronous, behind one function.
import { crc32, crc32c } from '@node-rs/crc32'
import { createCRC64, createXXHash128, createXXHash3, createXXHash64 } from 'hash-wasm'
import { createHash, hash } from 'node:crypto'

export const DIGEST_ALGORITHMS = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'MD5',
  'SHA1',
  'SHA256',
  'SHA512',
  'XXHASH3',
  'XXHASH64',
  'XXHASH128',
] as const

/** As AWS spells them. @see S3 API Reference, ChecksumAlgorithm */
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number]

/** A digest in the making. One that is dropped before its end leaves nothing behind. */
export interface Digest {
  /** Takes `bytes` in before it returns, so the caller may reuse them. */
  update(bytes: Uint8Array): void
  /** The result, big-endian as S3 shows it. Ends the digest: no call may follow. */
  digest(): Uint8Array
}

export const DIGEST_SIZE_BYTES: Readonly<Record<DigestAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  MD5: 16,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  XXHASH3: 8,
  XXHASH64: 8,
  XXHASH128: 16,
}

export function createDigest(algorithm: DigestAlgorithm): Digest {
  return MAKERS[algorithm]()
}

/** The digest of bytes that are all at hand. */
export function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): Uint8Array {
  const digest = createDigest(algorithm)
  digest.update(bytes)
  return digest.digest()
}

/** The same as lower-case hex, which Node gives for its own without an object in between. */
export function hexDigestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): string {
  const name = NODE_NAMES[algorithm]
  if (name !== undefined) return hash(name, bytes, 'hex')
  return Buffer.from(digestOf(algorithm, bytes)).toString('hex')
}

type WasmHasher = Awaited<ReturnType<typeof createCRC64>>

/** The NVM Express polynomial, reflected, as hash-wasm takes it. */
const CRC64NVME_POLYNOMIAL = '9a6c9329ac4bc9b5'

const crc64nvme = shareHasher(await createCRC64(CRC64NVME_POLYNOMIAL))
const xxhash3 = shareHasher(await createXXHash3())
const xxhash64 = shareHasher(await createXXHash64())
const xxhash128 = shareHasher(await createXXHash128())

type NodeAlgorithm = 'MD5' | 'SHA1' | 'SHA256' | 'SHA512'

const NODE_NAMES: Readonly<Record<NodeAlgorithm, string>> &
  Readonly<Partial<Record<DigestAlgorithm, string>>> = {
  MD5: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA512: 'sha512',
}

const MAKERS: Readonly<Record<DigestAlgorithm, () => Digest>> = {
  CRC32: () => createCrc(crc32),
  CRC32C: () => createCrc(crc32c),
  CRC64NVME: crc64nvme,
  MD5: () => createNodeHash('MD5'),
  SHA1: () => createNodeHash('SHA1'),
  SHA256: () => createNodeHash('SHA256'),
  SHA512: () => createNodeHash('SHA512'),
  XXHASH3: xxhash3,
  XXHASH64: xxhash64,
  XXHASH128: xxhash128,
}

function createNodeHash(algorithm: NodeAlgorithm): Digest {
  const running = createHash(NODE_NAMES[algorithm])
  return {
    update: (bytes) => void running.update(bytes),
    digest: () => running.digest(),
  }
}

function createCrc(extend: (bytes: Uint8Array, crc: number) => number): Digest {
  let crc = 0
  return {
    update(bytes) {
      crc = extend(bytes, crc)
    },
    digest() {
      const result = Buffer.allocUnsafe(4)
      result.writeUInt32BE(crc)
      return result
    },
  }
}

/**
 * Makes any number of interleaved digests from one WebAssembly instance. Each digest that loses the
 * instance to another saves its state (8 to 600 bytes) and loads it again at its next turn, so
 * there is nothing to give back and no memory of 64 KiB and more for each open upload.
 */
function shareHasher(hasher: WasmHasher): () => Digest {
  let owner: { saved: Uint8Array | undefined } | undefined
  return () => {
    const self: { saved: Uint8Array | undefined } = { saved: undefined }
    const take = (): void => {
      if (owner === self) return
      if (owner !== undefined) owner.saved = hasher.save()
      if (self.saved === undefined) hasher.init()
      else hasher.load(self.saved)
      owner = self
    }
    return {
      update(bytes) {
        take()
        hasher.update(bytes)
      },
      digest() {
        take()
        owner = undefined
        return hasher.digest('binary')
      },
    }
  }
}
