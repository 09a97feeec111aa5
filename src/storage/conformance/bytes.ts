/**
 * Bodies and readers that do what the contract allows and careless stores do not survive: a sender
 * overwrites each chunk once the store asks for the next, a reader overwrites each before it does.
 */
import { digestOf, type DigestAlgorithm } from '../../base/digest.ts'
import type { Body, ByteStream } from '../body.ts'
import type { Checksum } from '../checksum.ts'

const POISON = 0xee

export type BodyOptions = {
  readonly chunkBytes?: number
  readonly size?: 'known' | 'unknown'
  readonly algorithm?: DigestAlgorithm
  /** Called before each chunk. */
  readonly onChunk?: () => void | Promise<void>
}

export function bodyOf(content: string | Uint8Array, options: BodyOptions = {}): Body {
  const bytes = Buffer.from(content)
  const { chunkBytes = 64 * 1024, algorithm } = options
  return {
    bytes: chunksOf(bytes, { ...options, chunkBytes }),
    size: options.size === 'unknown' ? undefined : bytes.length,
    digest: () => ({
      size: bytes.length,
      md5: md5Of(bytes),
      checksum: algorithm && checksumOf(algorithm, bytes),
    }),
  }
}

/** A body that breaks off after its first chunk. */
export function brokenBody(content: Uint8Array, error: Error): Body {
  let chunks = 0
  return bodyOf(content, {
    chunkBytes: Math.max(1, content.length >> 1),
    onChunk() {
      chunks += 1
      if (chunks > 1) throw error
    },
  })
}

async function* chunksOf(
  bytes: Uint8Array,
  { chunkBytes, onChunk }: BodyOptions & { readonly chunkBytes: number },
): AsyncGenerator<Uint8Array, void> {
  const reused = new Uint8Array(Math.min(chunkBytes, bytes.length))
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    await onChunk?.()
    const chunk = reused.subarray(0, Math.min(chunkBytes, bytes.length - at))
    chunk.set(bytes.subarray(at, at + chunkBytes))
    yield chunk
    chunk.fill(POISON)
  }
}

/** Everything that a stream gives. */
export async function readAll(stream: ByteStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
    chunk.fill(POISON)
  }
  return Buffer.concat(chunks)
}

/** Bytes that look random, the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = (seed * 0x9e3779b1) | 1
  for (let at = 0; at < words.length; at += 1) {
    // Xorshift, Marsaglia 2003.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return Buffer.from(words.buffer, 0, size)
}

export function md5Of(bytes: Uint8Array): string {
  return Buffer.from(digestOf('MD5', bytes)).toString('hex')
}

export function checksumOf(algorithm: DigestAlgorithm, bytes: Uint8Array): Checksum {
  const value = Buffer.from(digestOf(algorithm, bytes)).toString('base64')
  return { algorithm, type: 'full-object', value }
}
