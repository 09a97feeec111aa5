/** An object becomes another one without its bytes leaving the store. */
import { findChildText } from '../../base/xml.ts'
import type { S3Client } from '../s3/client.ts'
import { inParallel } from '../s3/in-parallel.ts'
import {
  abortUpload,
  beginUpload,
  CHECKSUM,
  completeUpload,
  type Headers,
  type Part,
  type Upload,
} from '../s3/multipart.ts'
import { findExpectation, headObject, type ObjectFacts, type Source } from '../s3/read-object.ts'
import { encodeKey } from '../s3/sign-request.ts'
import { isRefusal, TransferError } from '../s3/s3-failure.ts'
import { getTags } from '../s3/tags.ts'
import { renderTarget, type Target } from '../s3/target.ts'
import { layOut, type NumberedStretch } from './lay-out.ts'
import { PARTS_AT_ONCE, type Transfer, type Transferred } from './transfer.ts'

const GIBIBYTE = 1024 ** 3

export type CopyLimits = { readonly wholeBytes: number; readonly partSizeBytes: number }

/** @see S3 API Reference, CopyObject: larger objects are copied in parts */
const LIMITS: CopyLimits = { wholeBytes: 5 * GIBIBYTE, partSizeBytes: GIBIBYTE }

export type Copy = { readonly from: Source; readonly to: Target }

/** The copy is there, with the metadata and tags of the original unless others are given. */
export async function copyObject(
  { from, to }: Copy,
  transfer: Transfer,
  limits: CopyLimits = LIMITS,
): Promise<Transferred> {
  const facts = await headObject(transfer.client, from, transfer.signal)
  const { sizeBytes } = facts
  transfer.progress.expect(sizeBytes)
  try {
    if (sizeBytes > limits.wholeBytes) {
      const etag = await copyInParts({ from, to }, facts, { transfer, limits })
      return { sizeBytes, etag, resumedBytes: 0 }
    }
    const etag = await copyWhole({ from, to }, facts, transfer)
    transfer.progress.add(sizeBytes)
    return { sizeBytes, etag, resumedBytes: 0 }
  } catch (error) {
    if (!isRefusal(error, 'PreconditionFailed')) throw error
    throw new TransferError('ObjectChanged', `${renderTarget(from)} changed while it was copied.`, {
      cause: error,
    })
  }
}

async function copyWhole(
  { from, to }: Copy,
  facts: ObjectFacts,
  { client, headers, signal }: Transfer,
): Promise<string> {
  const isGiven = Object.keys(headers).length > 0
  const root = await client.ask({
    method: 'PUT',
    ...to,
    headers: {
      ...sourceHeaders(from, facts),
      ...(isGiven && { ...keptHeaders(facts), ...headers, 'x-amz-metadata-directive': 'REPLACE' }),
    },
    signal,
  })
  return findChildText(root, 'ETag') ?? ''
}

type PartedCopy = { readonly transfer: Transfer; readonly limits: CopyLimits }

async function copyInParts(
  { from, to }: Copy,
  facts: ObjectFacts,
  { transfer, limits }: PartedCopy,
): Promise<string> {
  const { client, headers, progress, signal } = transfer
  const tagging = await findTagging(client, from)
  const given = { ...keptHeaders(facts), ...headers, 'x-amz-tagging': tagging }
  const upload = await beginUpload(client, to, given)
  try {
    const parts: Part[] = []
    await inParallel(layOut(facts, limits.partSizeBytes), PARTS_AT_ONCE, async (stretch) => {
      signal.throwIfAborted()
      const source = sourceHeaders(from, facts)
      parts.push(await copyPart(client, upload, { stretch, source, signal }))
      progress.add(stretch.sizeBytes)
    })
    const expected = findExpectation(facts)
    return await completeUpload(client, upload, {
      parts,
      ...(expected?.algorithm === CHECKSUM && { checksum: expected.value }),
    })
  } catch (error) {
    // The first error is the one to tell, whether or not the store still answers.
    await abortUpload(client, upload).catch(() => {})
    throw error
  }
}

type PartToCopy = {
  readonly stretch: NumberedStretch
  readonly source: Headers
  readonly signal: AbortSignal
}

async function copyPart(
  client: S3Client,
  { bucket, key, uploadId }: Upload,
  { stretch: { partNumber, offset, sizeBytes }, source, signal }: PartToCopy,
): Promise<Part> {
  const root = await client.ask({
    method: 'PUT',
    bucket,
    key,
    query: { partNumber: String(partNumber), uploadId },
    headers: { ...source, 'x-amz-copy-source-range': `bytes=${offset}-${offset + sizeBytes - 1}` },
    signal,
  })
  const crc = findChildText(root, 'ChecksumCRC64NVME')
  const etag = findChildText(root, 'ETag') ?? ''
  return {
    partNumber,
    sizeBytes,
    etag,
    ...(crc !== undefined && { crc: Buffer.from(crc, 'base64') }),
  }
}

function sourceHeaders({ bucket, key, versionId }: Source, { etag }: ObjectFacts): Headers {
  const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`
  return {
    'x-amz-copy-source': `/${bucket}/${encodeKey(key)}${version}`,
    'x-amz-copy-source-if-match': `"${etag}"`,
  }
}

const KEPT_HEADERS: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
])

function keptHeaders({ headers }: ObjectFacts): Headers {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && (KEPT_HEADERS.has(name) || name.startsWith('x-amz-meta-'))
      ? [[name, value]]
      : [],
  )
  return Object.fromEntries(kept)
}

/** The tags as a header has them; undefined when there are none. */
async function findTagging(client: S3Client, source: Source): Promise<string | undefined> {
  const tags = await getTags(client, source)
  const parameters = new URLSearchParams()
  for (const [name, value] of tags) parameters.append(name, value)
  return tags.length === 0 ? undefined : parameters.toString()
}
