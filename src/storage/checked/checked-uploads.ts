import { isCrcAlgorithm } from '../../base/combine-crc.ts'
import { openBody, type IncomingBytes } from '../incoming-bytes.ts'
import { LIMITS } from '../limits.ts'
import { assertKey } from '../names.ts'
import type {
  ChangeOptions,
  ObjectStore,
  Part,
  PartName,
  Upload,
  Uploads,
} from '../object-store.ts'
import {
  assertListLimit,
  assertNewVersion,
  assertPartNumber,
  invalidArgument,
} from './check-arguments.ts'
import { assertSupported } from './check-capabilities.ts'
import type { ResolveRetention } from './default-retention.ts'

/** `Uploads` for everyone above storage: parts come with what their sender says of them. */
export interface StorageUploads extends Omit<Uploads, 'putPart'> {
  /**
   * As `Uploads.putPart`, after the bytes proved to be what was announced, with the upload's
   * checksum.
   * @throws StorageError `NoSuchUpload`, `InvalidArgument` for a checksum of another algorithm than
   * the upload's, `BodyTooLarge`, `IncompleteBody`, `BadDigest`, `BadPayloadHash`, `BadChecksum`
   */
  putPart(name: PartName, incoming: IncomingBytes, options: ChangeOptions): Promise<Part>
}

/** The store's uploads behind the checks that are the same for every store. */
export function checkUploads(
  { uploads, capabilities }: ObjectStore,
  resolveRetention: ResolveRetention,
): StorageUploads {
  return {
    async begin(name, options) {
      assertKey(name.key)
      assertNewVersion(options)
      assertSupported(capabilities, options)
      assertCombinable(options.checksum)
      return uploads.begin(name, await resolveRetention(name.bucket, options))
    },
    async putPart(name, incoming, options) {
      assertPartNumber(name.partNumber)
      const { upload } = await uploads.listParts(name, { limit: 0 })
      const algorithm = upload.checksum?.algorithm
      assertSameAlgorithm(upload, incoming)
      const body = openBody(incoming, {
        maxBytes: LIMITS.partBytesMax,
        ...(algorithm && { algorithm }),
      })
      return uploads.putPart(name, body, options)
    },
    async copyPart(name, source, options) {
      assertPartNumber(name.partNumber)
      assertKey(source.key)
      return uploads.copyPart(name, source, options)
    },
    async listParts(name, options) {
      assertListLimit(options.limit)
      return uploads.listParts(name, options)
    },
    async complete(name, parts, options) {
      assertSupported(capabilities, options)
      if (parts.length > LIMITS.parts) {
        throw invalidArgument(`An object has at most ${LIMITS.parts} parts, not ${parts.length}.`)
      }
      return uploads.complete(name, parts, options)
    },
    abort: (name, options) => uploads.abort(name, options),
    async list(bucket, options) {
      assertListLimit(options.limit)
      return uploads.list(bucket, options)
    },
  }
}

/** Only a CRC of the whole can be made from those of the parts. */
function assertCombinable(checksum: Upload['checksum']): void {
  if (checksum?.type !== 'full-object' || isCrcAlgorithm(checksum.algorithm)) return
  throw invalidArgument(
    `${checksum.algorithm} cannot be combined over parts; ask for a composite checksum.`,
  )
}

function assertSameAlgorithm(upload: Upload, { checksum }: IncomingBytes): void {
  const wanted = upload.checksum?.algorithm
  if (wanted === undefined || checksum === undefined || checksum.algorithm === wanted) return
  throw invalidArgument(
    `The upload was begun with ${wanted} checksums, but the part brings ${checksum.algorithm}.`,
  )
}
