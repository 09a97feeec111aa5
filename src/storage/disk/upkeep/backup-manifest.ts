// What a backup consists of, as lines of JSON; the last one vouches for the others and is written
// when everything is durable, so a backup that was broken off is none. Normative:
// docs/formats/backup.md
import { createHash, type Hash } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../../storage-error.ts'
import { isErrno } from '../bodies/disk.ts'

/** A file of the backup. The path is relative, with slashes. */
export type ManifestEntry = {
  readonly path: string
  readonly size: number
  /** Of the whole file; absent for bodies' files. */
  readonly sha256?: string
  /**
   * The last four bytes of a body's file, in hex: through its descriptor they stand for all of it.
   */
  readonly descriptorCrc?: string
}

export type ManifestWriter = {
  add(entry: ManifestEntry): Promise<void>
  /** Makes the manifest durable, with its last line. */
  end(): Promise<{ readonly files: number; readonly bytes: number }>
  close(): Promise<void>
}

export const MANIFEST_FILE = 'backup.ndjson'
const FORMAT = 'coffer-backup'
const FORMAT_VERSION = 1
const HASH_CHUNK_BYTES = 1_048_576

export async function createManifest(folder: string, createdAt: Date): Promise<ManifestWriter> {
  const file = await open(join(folder, MANIFEST_FILE), 'wx', 0o600)
  const hash = createHash('sha256')
  let files = 0
  let bytes = 0
  const write = async (line: object): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`
    hash.update(text)
    await file.write(text)
  }
  await write({ format: FORMAT, formatVersion: FORMAT_VERSION, createdAt: createdAt.toISOString() })
  return {
    async add(entry) {
      files += 1
      bytes += entry.size
      await write(entry)
    },
    async end() {
      await file.write(`${JSON.stringify({ files, bytes, sha256: hash.digest('hex') })}\n`)
      await file.sync()
      return { files, bytes }
    },
    close: () => file.close(),
  }
}

/**
 * The entries of a backup that was finished.
 * @throws StorageError `UnknownFormat` when it is none, or of a later Coffer; `Damaged`
 */
export async function readManifest(folder: string): Promise<readonly ManifestEntry[]> {
  const lines = (await readText(folder)).split('\n').slice(0, -1)
  const first = parseLine(folder, lines[0])
  if (first['format'] !== FORMAT || first['formatVersion'] !== FORMAT_VERSION) {
    throw new StorageError('UnknownFormat', `${folder} is no backup that this Coffer can read.`)
  }
  const last = parseLine(folder, lines.at(-1))
  const hash = createHash('sha256')
  for (const line of lines.slice(0, -1)) hash.update(`${line}\n`)
  if (lines.length < 2 || last['sha256'] !== hash.digest('hex')) throw unfinished(folder)
  return lines.slice(1, -1).map((line) => toEntry(folder, parseLine(folder, line)))
}

async function readText(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, MANIFEST_FILE), 'utf8')
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
    throw new StorageError(
      'UnknownFormat',
      `${folder} is no backup: ${MANIFEST_FILE} is missing.`,
      {
        cause: error,
      },
    )
  }
}

type Line = Readonly<Partial<Record<string, unknown>>>

function parseLine(folder: string, line = ''): Line {
  try {
    const parsed: Line = JSON.parse(line)
    return parsed
  } catch (error) {
    throw unfinished(folder, error)
  }
}

/** Nothing but what a backup writes is ever copied, wherever a changed path might lead. */
const PATHS =
  /^(coffer\.json|tables\.sqlite|catalog\/data\.mdb|segments\/[0-9a-f]{16}\.segment|files\/[0-9a-f]+\/[0-9a-f]+\.body)$/

function toEntry(folder: string, { path, size, sha256, descriptorCrc }: Line): ManifestEntry {
  if (typeof path !== 'string' || !PATHS.test(path) || typeof size !== 'number') {
    throw unfinished(folder)
  }
  return {
    path,
    size,
    ...(typeof sha256 === 'string' ? { sha256 } : {}),
    ...(typeof descriptorCrc === 'string' ? { descriptorCrc } : {}),
  }
}

function unfinished(folder: string, cause?: unknown): StorageError {
  const message = `The backup in ${folder} was not finished, or is damaged. Use another one.`
  return new StorageError('Damaged', message, { cause })
}

/** The SHA-256 of a file's bytes, in hex. */
export async function hashFile(path: string): Promise<string> {
  const file = await open(path, 'r')
  const hash: Hash = createHash('sha256')
  const chunk = Buffer.allocUnsafe(HASH_CHUNK_BYTES)
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** The last four bytes of a body's file, in hex. */
export async function readDescriptorCrc(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(4)
    await file.read(bytes, 0, bytes.length, Math.max(0, size - bytes.length))
    return bytes.toString('hex')
  } finally {
    await file.close()
  }
}
