/** The upload of a file that was interrupted: the store has the parts, the file proves them. */
import type { S3Client } from '../s3/client.ts'
import { unquote } from '../s3/lists.ts'
import {
  CHECKSUM,
  type ListedPart,
  type ListedUpload,
  listParts,
  listUploads,
  type Part,
  type Upload,
} from '../s3/multipart.ts'
import { filePayload, getDigest, measure } from '../s3/payload.ts'
import { isRefusal } from '../s3/s3-failure.ts'
import type { Target } from '../s3/target.ts'
import type { NumberedStretch, OpenFile } from './lay-out.ts'

export type Interrupted = { readonly upload: Upload; readonly parts: readonly Part[] }

export type Sought = { readonly file: OpenFile; readonly stretches: readonly NumberedStretch[] }

/** Of so many uploads of one key, the newest, the parts are looked at. */
const MAX_CANDIDATES = 4

/**
 * The newest upload of the key whose every part holds what the file has at its place. One that has
 * no part yet, or any other, may be somebody else's.
 */
export async function findInterrupted(
  client: S3Client,
  target: Target,
  sought: Sought,
): Promise<Interrupted | undefined> {
  try {
    for (const upload of await listCandidates(client, target)) {
      const parts = await proveParts(client, upload, sought)
      if (parts !== undefined && parts.length > 0) return { upload, parts }
    }
  } catch (error) {
    // Whoever may not list uploads begins anew, and so does who finds one that has just ended.
    if (!isRefusal(error, 'AccessDenied', 'NotImplemented', 'NoSuchUpload')) throw error
  }
  return undefined
}

async function listCandidates(
  client: S3Client,
  { bucket, key }: Target,
): Promise<readonly ListedUpload[]> {
  const uploads: ListedUpload[] = []
  for await (const upload of listUploads(client, { bucket, prefix: key })) {
    // They come in the order of their keys, and no key with this prefix is before this one.
    if (upload.key !== key) break
    if (upload.checksumAlgorithm === CHECKSUM) uploads.push(upload)
  }
  return uploads
    .toSorted((one, other) => (one.begunAt < other.begunAt ? 1 : -1))
    .slice(0, MAX_CANDIDATES)
}

async function proveParts(
  client: S3Client,
  upload: Upload,
  { file, stretches }: Sought,
): Promise<readonly Part[] | undefined> {
  const parts: Part[] = []
  for await (const listed of listParts(client, upload)) {
    const stretch = stretches[listed.partNumber - 1]
    const part = stretch && (await provePart(listed, stretch, file))
    if (part === undefined) return undefined
    parts.push(part)
  }
  return parts
}

/** The part with its checksum, if the file holds the same bytes. */
async function provePart(
  listed: ListedPart,
  { offset, sizeBytes }: NumberedStretch,
  { path, handle }: OpenFile,
): Promise<Part | undefined> {
  if (listed.sizeBytes !== sizeBytes) return undefined
  const payload = filePayload(handle, { path, offset, sizeBytes })
  const digests = await measure(payload, ['MD5', CHECKSUM])
  if (getDigest(digests, 'MD5').toString('hex') !== unquote(listed.etag)) return undefined
  return { ...listed, crc: getDigest(digests, CHECKSUM) }
}
