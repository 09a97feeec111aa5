/**
 * An object becomes a file. Until it is whole and right it lies beside its place under a name that
 * holds its ETag; what an interrupted run left there is gone on with.
 */
import { hash } from 'node:crypto'
import { constants, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { filePayload } from '../s3/payload.ts'
import {
  createVerifier,
  getSmallObject,
  headObject,
  type ObjectFacts,
  RANGE_SIZE_BYTES,
  readObject,
  type Source,
} from '../s3/read-object.ts'
import { TransferError } from '../s3/s3-failure.ts'
import { renderTarget } from '../s3/target.ts'
import type { Transfer, Transferred } from './transfer.ts'

/** What a list has told of the object. */
export type Listed = { readonly sizeBytes: number; readonly etag: string }

export type Wanted = Source & { readonly listed?: Listed }

/** The file is there, whole and synced. @throws TransferError `ObjectChanged`, `WrongBytes` */
export async function downloadFile(
  wanted: Wanted,
  path: string,
  transfer: Transfer,
): Promise<Transferred> {
  const { progress } = transfer
  progress.expect(wanted.listed?.sizeBytes ?? 0)
  const facts = await findFacts(wanted, transfer)
  progress.expect(facts.sizeBytes - (wanted.listed?.sizeBytes ?? 0))
  await mkdir(dirname(path), { recursive: true })
  const partial = partialPath(path, wanted, facts)
  const resumedBytes = await fill(partial, wanted, { facts, transfer }).catch((error: unknown) => {
    throw nameFile(error, path)
  })
  await rename(partial, path)
  await syncFolder(dirname(path))
  return { sizeBytes: facts.sizeBytes, etag: facts.etag, resumedBytes }
}

function findFacts(wanted: Wanted, { client, signal }: Transfer): Promise<ObjectFacts> {
  const { listed } = wanted
  return listed !== undefined && listed.sizeBytes <= RANGE_SIZE_BYTES
    ? getSmallObject(client, wanted, { etag: listed.etag, signal })
    : headObject(client, wanted, signal)
}

const MAX_NAME_CHARACTERS = 40

function partialPath(path: string, source: Source, { etag, sizeBytes }: ObjectFacts): string {
  const name = basename(path)
  const state = JSON.stringify([name, renderTarget(source), source.versionId, etag, sizeBytes])
  const readable = Array.from(name).slice(0, MAX_NAME_CHARACTERS).join('')
  return join(dirname(path), `.${readable}.${hash('sha256', state).slice(0, 16)}.coffer-part`)
}

type Filling = { readonly facts: ObjectFacts; readonly transfer: Transfer }

/** The partial file holds the object. Gives how much of it was there before. */
async function fill(partial: string, source: Source, filling: Filling): Promise<number> {
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT, 0o666)
  try {
    const resumedBytes = await append(handle, source, { ...filling, partial })
    await handle.sync()
    return resumedBytes
  } catch (error) {
    // Its ETag will not come again, or its bytes are wrong: nobody can go on with it.
    const isUseless =
      error instanceof TransferError && ['ObjectChanged', 'WrongBytes'].includes(error.code)
    if (isUseless) await rm(partial, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

async function append(
  handle: FileHandle,
  source: Source,
  { facts, transfer, partial }: Filling & { readonly partial: string },
): Promise<number> {
  const { client, progress, signal } = transfer
  const { sizeBytes: to } = facts
  const verifier = createVerifier(source, facts)
  const { size } = await handle.stat()
  const resumedBytes = size > to ? 0 : size
  if (size > to) await handle.truncate(0)
  const kept = filePayload(handle, { path: partial, offset: 0, sizeBytes: resumedBytes })
  for await (const bytes of kept.open()) verifier.update(bytes)
  progress.add(resumedBytes)
  let position = resumedBytes
  for await (const bytes of readObject(client, source, { facts, from: position, to, signal })) {
    verifier.update(bytes)
    await writeAll(handle, bytes, position)
    position += bytes.length
    progress.add(bytes.length)
  }
  if (position !== to) throw new TransferError('WrongBytes', `${renderTarget(source)} broke off.`)
  verifier.assertRight()
  return resumedBytes
}

/** One write may take less than all of it, as on a disk that is nearly full. */
async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}

/** The system does not say which file it could not write to. */
function nameFile(error: unknown, path: string): unknown {
  const isNameless = error instanceof Error && 'syscall' in error && !('path' in error)
  return isNameless ? Object.assign(error, { path }) : error
}

/** A rename lasts only when its folder has been synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
