// What is uploaded: bytes that do not compress, the same in every run and for every server.
import { createCipheriv, hash } from 'node:crypto'

export type Payload = {
  readonly bytes: Uint8Array
  /** How many times in a row the bytes are sent; objects that no memory holds are made so. */
  readonly times: number
  readonly sha256: string
  /** MD5 as servers quote it; absent for what nobody should wait for. */
  readonly etag?: string
}

export function sizeOf({ bytes, times }: Payload): number {
  return bytes.length * times
}

/** Bodies are hashed once and sent often, so that the generator is not what is measured. */
export function payloadOf(bytes: Uint8Array): Payload {
  const etag = `"${hash('md5', bytes, 'hex')}"`
  return { bytes, times: 1, sha256: hash('sha256', bytes, 'hex'), etag }
}

export function makePayloads(count: number, sizeBytes: number): readonly Payload[] {
  return Array.from({ length: count }, (_, seed) => payloadOf(makeBytes(seed, sizeBytes)))
}

/** The keystream of AES is the fastest noise that Node has. */
export function makeBytes(seed: number, sizeBytes: number): Uint8Array {
  const key = Buffer.alloc(16, seed + 1)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes))
}
