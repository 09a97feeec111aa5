/** What a request carries: bytes that can be read again, since it may have to be repeated. */
import type { FileHandle } from 'node:fs/promises'
import { createDigest, type DigestAlgorithm } from '../../base/digest.ts'
import { TransferError } from './s3-failure.ts'

export type Payload = {
  readonly sizeBytes: number
  /** The bytes from the beginning, as often as they are asked for. */
  open(): AsyncIterable<Uint8Array>
}

const READ_SIZE_BYTES = 256 * 1024

export function bytesPayload(bytes: Uint8Array): Payload {
  return {
    sizeBytes: bytes.length,
    async *open() {
      yield bytes
    },
  }
}

export type FileStretch = {
  readonly path: string
  readonly offset: number
  readonly sizeBytes: number
}

/** A stretch of an open file, never more than a read's worth of it in memory. */
export function filePayload(handle: FileHandle, { path, offset, sizeBytes }: FileStretch): Payload {
  return {
    sizeBytes,
    async *open() {
      for (let done = 0; done < sizeBytes;) {
        const length = Math.min(READ_SIZE_BYTES, sizeBytes - done)
        const buffer = Buffer.allocUnsafe(length)
        const { bytesRead } = await handle.read(buffer, 0, length, offset + done)
        if (bytesRead === 0) {
          throw new TransferError('FileChanged', `${path} became shorter while it was read.`)
        }
        done += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
  }
}

export type Digests = ReadonlyMap<DigestAlgorithm, Uint8Array>

/** Reads the payload once for all the digests. */
export async function measure(
  payload: Payload,
  algorithms: readonly DigestAlgorithm[],
): Promise<Digests> {
  const digests = algorithms.map((algorithm) => [algorithm, createDigest(algorithm)] as const)
  for await (const bytes of payload.open()) {
    for (const [, digest] of digests) digest.update(bytes)
  }
  return new Map(digests.map(([algorithm, digest]) => [algorithm, digest.digest()]))
}

export function getDigest(digests: Digests, algorithm: DigestAlgorithm): Buffer {
  const digest = digests.get(algorithm)
  if (digest === undefined) throw new Error(`${algorithm} was not measured.`)
  return Buffer.from(digest)
}
