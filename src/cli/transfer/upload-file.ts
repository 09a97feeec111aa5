/** A file becomes an object; a large one in parts, of which an interrupted upload keeps its own. */
import { open } from 'node:fs/promises'
import { inParallel } from '../s3/in-parallel.ts'
import { beginUpload, completeUpload, type Part, putPart, sealPayload } from '../s3/multipart.ts'
import { filePayload } from '../s3/payload.ts'
import { TransferError } from '../s3/s3-failure.ts'
import type { Target } from '../s3/target.ts'
import { contentTypeOf } from './content-type.ts'
import { findInterrupted } from './find-interrupted.ts'
import { layOut, type OpenFile } from './lay-out.ts'
import { PARTS_AT_ONCE, type Transfer, type Transferred } from './transfer.ts'

/** The object is there, whole. @throws TransferError `FileChanged`; what the client throws */
export async function uploadFile(
  path: string,
  target: Target,
  transfer: Transfer,
): Promise<Transferred> {
  const handle = await open(path, 'r')
  try {
    const { size: sizeBytes, mtimeMs: changedAtMs } = await handle.stat()
    const file = { path, handle, sizeBytes, changedAtMs }
    transfer.progress.expect(sizeBytes)
    const typed = {
      ...transfer,
      headers: { 'content-type': contentTypeOf(path), ...transfer.headers },
    }
    return sizeBytes <= transfer.partSizeBytes
      ? await putWhole(file, target, typed)
      : await putInParts(file, target, typed)
  } finally {
    await handle.close()
  }
}

async function putWhole(file: OpenFile, target: Target, transfer: Transfer): Promise<Transferred> {
  const { client, progress, signal } = transfer
  const { sizeBytes } = file
  const payload = filePayload(file.handle, { path: file.path, offset: 0, sizeBytes })
  const { headers, payloadHash } = await sealPayload(client, payload)
  // What changes from now on does not have this checksum, and is refused.
  await assertUnchanged(file)
  const answer = await client.send({
    method: 'PUT',
    ...target,
    headers: { ...transfer.headers, ...headers },
    payload,
    ...(payloadHash !== undefined && { payloadHash }),
    signal,
  })
  progress.add(sizeBytes)
  return { sizeBytes, etag: answer.headers.etag ?? '', resumedBytes: 0 }
}

async function putInParts(
  file: OpenFile,
  target: Target,
  transfer: Transfer,
): Promise<Transferred> {
  const { client, progress, signal } = transfer
  const stretches = layOut(file, transfer.partSizeBytes)
  const interrupted = await findInterrupted(client, target, { file, stretches })
  const upload = interrupted?.upload ?? (await beginUpload(client, target, transfer.headers))
  const parts: Part[] = [...(interrupted?.parts ?? [])]
  const resumedBytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  progress.add(resumedBytes)
  const stored = new Set(parts.map(({ partNumber }) => partNumber))
  const missing = stretches.filter(({ partNumber }) => !stored.has(partNumber))
  await inParallel(missing, PARTS_AT_ONCE, async ({ partNumber, offset, sizeBytes }) => {
    signal.throwIfAborted()
    const payload = filePayload(file.handle, { path: file.path, offset, sizeBytes })
    parts.push(await putPart(client, upload, { partNumber, payload, signal }))
    progress.add(sizeBytes)
  })
  await assertUnchanged(file)
  const etag = await completeUpload(client, upload, { parts })
  return { sizeBytes: file.sizeBytes, etag, resumedBytes }
}

/** What was read at different times must be of the same file. */
async function assertUnchanged({ path, handle, sizeBytes, changedAtMs }: OpenFile): Promise<void> {
  const now = await handle.stat()
  if (now.size === sizeBytes && now.mtimeMs === changedAtMs) return
  throw new TransferError('FileChanged', `${path} changed while it was read.`)
}
