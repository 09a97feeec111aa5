// What proofs about uploads do: begin one, put parts, complete it.
import { digestOf } from '../../base/digest.ts'
import { LIMITS } from '../limits.ts'
import type {
  BeginUploadOptions,
  CompleteOptions,
  ObjectStore,
  Part,
  Upload,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { at, CHANGE, PLAIN } from './actions.ts'
import { bodyOf, md5Of, noise } from './bytes.ts'

export const MIN_PART_BYTES: number = LIMITS.partBytesMin

/** The smallest part that need not be the last. */
export const LARGE: Buffer = noise(MIN_PART_BYTES, 1)

export function begin(
  store: ObjectStore,
  options: Partial<BeginUploadOptions> = {},
): Promise<Upload> {
  return store.uploads.begin(at('key'), { ...PLAIN, ...options })
}

export function putPart(
  store: ObjectStore,
  { upload, number }: { readonly upload: Upload; readonly number: number },
  content: string | Uint8Array,
): Promise<Part> {
  const algorithm = upload.checksum?.algorithm
  const body = bodyOf(content, { chunkBytes: 1_048_576, ...(algorithm && { algorithm }) })
  return store.uploads.putPart({ ...upload, partNumber: number }, body, CHANGE)
}

export function complete(
  store: ObjectStore,
  upload: Upload,
  options: Partial<CompleteOptions> & { readonly parts: readonly Part[] },
): Promise<ObjectVersion> {
  const references = options.parts.map(({ partNumber, etag }) => ({ partNumber, etag }))
  return store.uploads.complete(upload, references, { ...CHANGE, ...options })
}

export function etagOf(...parts: readonly Uint8Array[]): string {
  return `${md5Of(Buffer.concat(parts.map((part) => digestOf('MD5', part))))}-${parts.length}`
}
