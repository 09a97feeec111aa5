/**
 * Bytes that come from outside, with what their sender says of them. They become a body that
 * computes its digests while it passes, and throws before its end when it is not what was
 * announced.
 */
import { createDigest, type Digest, type DigestAlgorithm, hexDigestOf } from '../base/digest.ts'
import { type Body, type BodyDigest, watchBytes } from './body.ts'
import { StorageError } from './storage-error.ts'

/** A body and its announcements, each spelled as it comes over the wire. */
export type IncomingBytes = {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly size?: number
  /** Base64, as in Content-MD5. */
  readonly md5?: string
  /** Lower-case hex, as in x-amz-content-sha256. */
  readonly sha256?: string
  readonly checksum?: AnnouncedChecksum
}

export type AnnouncedChecksum = {
  readonly algorithm: DigestAlgorithm
  /**
   * Base64; a function for a trailer, asked after the last byte. Absent: computed and kept only.
   */
  readonly value?: string | (() => string | undefined)
}

export type OpenBodyOptions = {
  readonly maxBytes: number
  /** The checksum to compute when none was announced. */
  readonly algorithm?: DigestAlgorithm
}

/**
 * A body over the incoming bytes, to be read once. Its `bytes` throw `IncompleteBody`, `BadDigest`,
 * `BadPayloadHash`, `BadChecksum`, `BodyTooLarge`, or what the sender's bytes throw.
 * @throws StorageError `BodyTooLarge` when more than `maxBytes` are announced
 */
export function openBody(incoming: IncomingBytes, options: OpenBodyOptions): Body {
  assertSize(incoming.size ?? 0, options.maxBytes)
  let digest: BodyDigest | undefined
  const algorithm = incoming.checksum?.algorithm ?? options.algorithm
  const end = (passed: PassedBytes): void => {
    assertAsAnnounced(incoming, passed)
    digest = {
      size: passed.size,
      md5: passed.digests.get('MD5', 'hex'),
      checksum: algorithm && {
        algorithm,
        type: 'full-object',
        value: passed.digests.get(algorithm, 'base64'),
      },
    }
  }
  const digests = createDigests(incoming, algorithm)
  return {
    bytes: passBytes(incoming, { digests, maxBytes: options.maxBytes, end }),
    size: incoming.size,
    digest() {
      if (digest === undefined) throw new Error('Only a body that ended cleanly has a digest.')
      return digest
    },
  }
}

type PassedBytes = { readonly size: number; readonly digests: Digests }

function passBytes(
  incoming: IncomingBytes,
  options: {
    readonly digests: Digests
    readonly maxBytes: number
    readonly end: (passed: PassedBytes) => void
  },
): AsyncIterable<Uint8Array> {
  const { digests, maxBytes, end } = options
  let size = 0
  return watchBytes(incoming.bytes, {
    onChunk(chunk) {
      size += chunk.length
      assertSize(size, maxBytes)
      if (size > (incoming.size ?? size)) throw incompleteBody(incoming, size)
      digests.update(chunk)
    },
    async onEnd() {
      if (size < (incoming.size ?? size)) throw incompleteBody(incoming, size)
      end({ size, digests })
    },
  })
}

/** The digests that one pass needs; an algorithm that is needed twice is computed once. */
type Digests = {
  update(chunk: Uint8Array): void
  get(algorithm: DigestAlgorithm, encoding: 'hex' | 'base64'): string
}

function createDigests(
  { size, sha256 }: IncomingBytes,
  algorithm: DigestAlgorithm | undefined,
): Digests {
  const wanted = new Set<DigestAlgorithm>(['MD5'])
  if (sha256 !== undefined) wanted.add('SHA256')
  if (algorithm !== undefined) wanted.add(algorithm)
  const running = new Map<DigestAlgorithm, Digest>()
  const ended = new Map<DigestAlgorithm, string>()
  return {
    update(chunk) {
      // Most small bodies come in one piece, whose digests cost less when taken at once.
      if (chunk.length === size) {
        for (const each of wanted) ended.set(each, hexDigestOf(each, chunk))
        return
      }
      for (const each of wanted) {
        const digest = running.get(each) ?? createDigest(each)
        running.set(each, digest)
        digest.update(chunk)
      }
    },
    get(name, encoding) {
      const hex = ended.get(name) ?? toHex((running.get(name) ?? createDigest(name)).digest())
      ended.set(name, hex)
      return encoding === 'hex' ? hex : Buffer.from(hex, 'hex').toString(encoding)
    },
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function assertAsAnnounced(incoming: IncomingBytes, { digests }: PassedBytes): void {
  const { md5, sha256, checksum } = incoming
  if (md5 !== undefined && md5 !== digests.get('MD5', 'base64')) {
    const details = { announced: md5, computed: digests.get('MD5', 'base64') }
    throw new StorageError('BadDigest', 'The body does not have the announced MD5.', { details })
  }
  if (sha256 !== undefined && sha256 !== digests.get('SHA256', 'hex')) {
    const message = 'The body does not have the announced SHA-256.'
    const details = { announced: sha256, computed: digests.get('SHA256', 'hex') }
    throw new StorageError('BadPayloadHash', message, { details })
  }
  if (checksum?.value === undefined) return
  const value = typeof checksum.value === 'string' ? checksum.value : checksum.value()
  if (value === digests.get(checksum.algorithm, 'base64')) return
  throw new StorageError(
    'BadChecksum',
    value === undefined
      ? `The announced ${checksum.algorithm} checksum never came.`
      : `The body does not have the announced ${checksum.algorithm} checksum ${value}.`,
  )
}

function assertSize(size: number, maxBytes: number): void {
  if (size <= maxBytes) return
  throw new StorageError(
    'BodyTooLarge',
    `The body has more than ${maxBytes} bytes; send a larger object in parts.`,
    { details: { size: maxBytes } },
  )
}

function incompleteBody({ size: announced }: IncomingBytes, size: number): StorageError {
  return new StorageError(
    'IncompleteBody',
    `The body was announced with ${announced} bytes, but does not have them: ${size} came.`,
  )
}
