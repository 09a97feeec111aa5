/** Which copies `cp` makes: one, or one for each file or object that lies in a folder. */
import { mkdir } from 'node:fs/promises'
import { basename, posix, sep } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { ConfigurationError } from '../../app/config.ts'
import type { S3Client } from '../s3/client.ts'
import { listKeys } from '../s3/lists.ts'
import { TransferError } from '../s3/s3-failure.ts'
import { folderPrefix, isRemote, parseTarget, renderTarget, type Target } from '../s3/target.ts'
import { copyObject } from './copy-object.ts'
import { downloadFile } from './download-file.ts'
import { findKind, pathInFolder, walkFiles } from './local-files.ts'
import type { Transfer, Transferred } from './transfer.ts'
import { uploadFile } from './upload-file.ts'
import { uploadStream } from './upload-stream.ts'

export type PlannedCopy = {
  readonly from: string
  readonly to: string
  run(transfer: Transfer): Promise<Transferred>
}

export type Wish = {
  readonly from: string
  readonly to: string
  readonly recursive: boolean
  readonly versionId?: string
}

/** @throws ConfigurationError for what cannot be copied; TransferError `NothingThere` */
export async function* planCopies(client: S3Client, wish: Wish): AsyncGenerator<PlannedCopy> {
  const { from, to, recursive } = wish
  if (!isRemote(from) && !isRemote(to)) {
    throw new ConfigurationError(
      'One of the two must be an object, such as s3://bucket/key; a name without s3:// is a file.',
    )
  }
  if (recursive) yield* planFolder(client, wish)
  else if (!isRemote(from)) yield await planUpload(from, parseTarget(to))
  else if (isRemote(to)) yield planCopy({ ...wish, to: parseTarget(to) })
  else yield await planDownload(wish)
}

async function planUpload(from: string, to: Target): Promise<PlannedCopy> {
  if (from === STREAM) return planStream(to)
  if ((await findKind(from)) === 'folder') {
    throw new ConfigurationError(`${from} is a folder. Copy what lies in it by --recursive.`)
  }
  const target = into(to, basename(from))
  return {
    from,
    to: renderTarget(target),
    run: (transfer) => uploadFile(from, target, transfer),
  }
}

const STREAM = '-'

function planStream(to: Target): PlannedCopy {
  if (isFolder(to)) {
    throw new ConfigurationError(
      `What comes from standard input needs a name, not ${renderTarget(to)}.`,
    )
  }
  return {
    from: STREAM,
    to: renderTarget(to),
    run: (transfer) => uploadStream(addAbortSignal(transfer.signal, process.stdin), to, transfer),
  }
}

type Named<To> = { readonly from: string; readonly to: To; readonly versionId?: string }

function planCopy({ from, to, versionId }: Named<Target>): PlannedCopy {
  const source = { ...parseFrom(from), ...(versionId !== undefined && { versionId }) }
  const target = into(to, posix.basename(source.key))
  return {
    from: renderTarget(source),
    to: renderTarget(target),
    run: (transfer) => copyObject({ from: source, to: target }, transfer),
  }
}

async function planDownload({ from, to, versionId }: Named<string>): Promise<PlannedCopy> {
  const source = { ...parseFrom(from), ...(versionId !== undefined && { versionId }) }
  const isInFolder = to.endsWith(sep) || (await findKind(to)) === 'folder'
  const path = isInFolder ? pathInFolder(to, source.key.split('/').at(-1) ?? '') : to
  return {
    from: renderTarget(source),
    to: path,
    run: (transfer) => downloadFile(source, path, transfer),
  }
}

async function* planFolder(client: S3Client, { from, to }: Wish): AsyncGenerator<PlannedCopy> {
  if (!isRemote(from)) yield* planUploads(from, parseTarget(to))
  else if (isRemote(to)) yield* planCopiesOf(client, toFolder(from), toFolder(to))
  else yield* planDownloads(client, toFolder(from), to)
}

async function* planUploads(folder: string, to: Target): AsyncGenerator<PlannedCopy> {
  if ((await findKind(folder)) !== 'folder') {
    throw new ConfigurationError(`${folder} is no folder. Copy a file without --recursive.`)
  }
  for await (const { path, name } of walkFiles(folder)) {
    const target = { bucket: to.bucket, key: folderPrefix(to.key) + name }
    yield {
      from: path,
      to: renderTarget(target),
      run: (transfer) => uploadFile(path, target, transfer),
    }
  }
}

async function* planDownloads(
  client: S3Client,
  from: Target,
  folder: string,
): AsyncGenerator<PlannedCopy> {
  let isEmpty = true
  for await (const listed of listKeys(client, { bucket: from.bucket, prefix: from.key })) {
    isEmpty = false
    const { key, sizeBytes } = listed
    const source = { bucket: from.bucket, key, listed }
    const name = key.slice(from.key.length)
    const isMarker = sizeBytes === 0 && (name === '' || name.endsWith('/'))
    yield {
      from: renderTarget(source),
      to: posix.join(folder, name),
      run: (transfer) =>
        isMarker
          ? makeFolder(folder, name)
          : downloadFile(source, pathInFolder(folder, name), transfer),
    }
  }
  if (isEmpty) throw nothingIn(from)
}

/** Consoles make folders as objects without bytes whose keys end with a slash. */
async function makeFolder(folder: string, name: string): Promise<Transferred> {
  const path = name === '' ? folder : pathInFolder(folder, name.slice(0, -1))
  await mkdir(path, { recursive: true })
  return { sizeBytes: 0, etag: '', resumedBytes: 0 }
}

async function* planCopiesOf(
  client: S3Client,
  from: Target,
  to: Target,
): AsyncGenerator<PlannedCopy> {
  if (from.bucket === to.bucket && to.key.startsWith(from.key)) {
    throw new ConfigurationError(
      `${renderTarget(to)} lies in ${renderTarget(from)}: the copies would be copied, too.`,
    )
  }
  let isEmpty = true
  for await (const { key } of listKeys(client, { bucket: from.bucket, prefix: from.key })) {
    isEmpty = false
    const source = { bucket: from.bucket, key }
    const target = { bucket: to.bucket, key: to.key + key.slice(from.key.length) }
    yield {
      from: renderTarget(source),
      to: renderTarget(target),
      run: (transfer) => copyObject({ from: source, to: target }, transfer),
    }
  }
  if (isEmpty) throw nothingIn(from)
}

function nothingIn(folder: Target): TransferError {
  return new TransferError('NothingThere', `There is nothing in ${renderTarget(folder)}.`)
}

function parseFrom(text: string): Target {
  const target = parseTarget(text)
  if (!isFolder(target)) return target
  throw new ConfigurationError(`${text} is a folder. Copy what lies in it by --recursive.`)
}

function toFolder(text: string): Target {
  const { bucket, key } = parseTarget(text)
  return { bucket, key: folderPrefix(key) }
}

function into(target: Target, name: string): Target {
  return isFolder(target) ? { bucket: target.bucket, key: target.key + name } : target
}

function isFolder({ key }: Target): boolean {
  return key === '' || key.endsWith('/')
}
