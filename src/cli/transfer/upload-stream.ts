/** A stream of unknown length becomes an object. It cannot be read again, so nothing is resumed. */
import { inParallel } from '../s3/in-parallel.ts'
import {
  abortUpload,
  beginUpload,
  completeUpload,
  MAX_PARTS,
  type Part,
  putPart,
  sealPayload,
} from '../s3/multipart.ts'
import { bytesPayload } from '../s3/payload.ts'
import { TransferError } from '../s3/s3-failure.ts'
import type { Target } from '../s3/target.ts'
import { PARTS_AT_ONCE, type Transfer, type Transferred } from './transfer.ts'

/** The object is there, whole; `PARTS_AT_ONCE` parts of it were in memory. */
export async function uploadStream(
  stream: AsyncIterable<Uint8Array>,
  target: Target,
  transfer: Transfer,
): Promise<Transferred> {
  const pieces = cut(stream, transfer.partSizeBytes)
  const first = (await pieces.next()).value ?? Buffer.alloc(0)
  if (first.length < transfer.partSizeBytes) return putWhole(first, target, transfer)
  return putInParts(number(first, pieces), target, transfer)
}

async function putWhole(
  bytes: Uint8Array,
  target: Target,
  { client, headers, progress, signal }: Transfer,
): Promise<Transferred> {
  const payload = bytesPayload(bytes)
  const sealed = await sealPayload(client, payload)
  const answer = await client.send({
    method: 'PUT',
    ...target,
    headers: { ...headers, ...sealed.headers },
    payload,
    ...(sealed.payloadHash !== undefined && { payloadHash: sealed.payloadHash }),
    signal,
  })
  progress.add(bytes.length)
  return { sizeBytes: bytes.length, etag: answer.headers.etag ?? '', resumedBytes: 0 }
}

type NumberedPiece = { readonly partNumber: number; readonly bytes: Uint8Array }

async function putInParts(
  pieces: AsyncIterable<NumberedPiece>,
  target: Target,
  { client, headers, progress, signal }: Transfer,
): Promise<Transferred> {
  const upload = await beginUpload(client, target, headers)
  try {
    const parts: Part[] = []
    await inParallel(pieces, PARTS_AT_ONCE, async ({ partNumber, bytes }) => {
      signal.throwIfAborted()
      const payload = bytesPayload(bytes)
      parts.push(await putPart(client, upload, { partNumber, payload, signal }))
      progress.add(bytes.length)
    })
    const etag = await completeUpload(client, upload, { parts })
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
    return { sizeBytes, etag, resumedBytes: 0 }
  } catch (error) {
    // The first error is the one to tell, whether or not the store still answers.
    await abortUpload(client, upload).catch(() => {})
    throw error
  }
}

async function* number(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<NumberedPiece> {
  let partNumber = 1
  yield { partNumber, bytes: first }
  for await (const bytes of rest) {
    if (++partNumber > MAX_PARTS) {
      throw new TransferError(
        'TooLarge',
        `Standard input has more than ${MAX_PARTS} parts. Give a larger --part-size.`,
      )
    }
    yield { partNumber, bytes }
  }
}

/** Pieces of one size; the last is what is left. */
async function* cut(
  stream: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array, undefined> {
  let piece = Buffer.allocUnsafeSlow(sizeBytes)
  let filled = 0
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length;) {
      const length = Math.min(chunk.length - taken, sizeBytes - filled)
      piece.set(chunk.subarray(taken, taken + length), filled)
      taken += length
      filled += length
      if (filled < sizeBytes) continue
      yield piece
      piece = Buffer.allocUnsafeSlow(sizeBytes)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
