// The one place where bodies touch the file system: thin promises over node:fs, nothing added, so
// that a test can put a disk in its place that is full, broken or slow.
import * as fs from 'node:fs'

export type Disk = { readonly files: DiskFiles; readonly folders: DiskFolders }

export type FileMode = 'read' | 'read-write' | 'create'

/** Calls on open files. They act in full or reject with the system's error. */
export interface DiskFiles {
  /** `create` refuses a file that exists. */
  open(path: string, mode: FileMode): Promise<number>
  /** Fills the buffers in order; gives fewer bytes than asked for only at the end of the file. */
  read(fd: number, buffers: readonly Uint8Array[], position: number): Promise<number>
  write(fd: number, buffers: readonly Uint8Array[], position: number): Promise<void>
  /**
   * `fdatasync`: bytes and size are durable when it resolves. After a rejection they never will be.
   */
  sync(fd: number): Promise<void>
  truncate(fd: number, sizeBytes: number): Promise<void>
  sizeOf(fd: number): Promise<number>
  close(fd: number): Promise<void>
}

/** Calls on names. */
export interface DiskFolders {
  /** Resolves to whether it was missing. The parent is not synced. */
  make(path: string): Promise<boolean>
  list(path: string): Promise<readonly string[]>
  sync(path: string): Promise<void>
  sizeOf(path: string): Promise<number>
  removeFile(path: string): Promise<void>
}

const OPEN_FLAGS: Readonly<Record<FileMode, string>> = {
  read: 'r',
  'read-write': 'r+',
  create: 'wx+',
}

const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

export const systemDisk: Disk = {
  files: {
    open: (path, mode) => ask((done) => fs.open(path, OPEN_FLAGS[mode], FILE_MODE, done)),
    read: readFully,
    write: writeFully,
    sync: (fd) => call((done) => fs.fdatasync(fd, done)),
    truncate: (fd, sizeBytes) => call((done) => fs.ftruncate(fd, sizeBytes, done)),
    sizeOf: async (fd) => (await ask<fs.Stats>((done) => fs.fstat(fd, done))).size,
    close: (fd) => call((done) => fs.close(fd, done)),
  },
  folders: {
    make: makeFolder,
    list: (path) => ask((done) => fs.readdir(path, done)),
    sync: syncFolder,
    sizeOf: async (path) => (await ask<fs.Stats>((done) => fs.stat(path, done))).size,
    removeFile: (path) => call((done) => fs.unlink(path, done)),
  },
}

type SystemError = NodeJS.ErrnoException | null

// fs's callbacks cost less than its promises, which shows on small bodies.
function call(start: (done: (error: SystemError) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(error)))
  })
}

function ask<Value>(start: (done: (error: SystemError, value: Value) => void) => void) {
  return new Promise<Value>((resolve, reject) => {
    start((error, value) => (error === null ? resolve(value) : reject(error)))
  })
}

async function readFully(
  fd: number,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<number> {
  const wanted = sizeOfAll(buffers)
  let done = 0
  while (done < wanted) {
    const rest = dropBytes(buffers, done)
    const count = await ask<number>((callback) => fs.readv(fd, rest, position + done, callback))
    if (count === 0) break
    done += count
  }
  return done
}

async function writeFully(
  fd: number,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  const wanted = sizeOfAll(buffers)
  let done = 0
  while (done < wanted) {
    const rest = dropBytes(buffers, done)
    done += await ask<number>((callback) => fs.writev(fd, rest, position + done, callback))
  }
}

function sizeOfAll(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((total, buffer) => total + buffer.length, 0)
}

function dropBytes(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  if (count === 0) return [...buffers]
  let left = count
  return buffers.flatMap((buffer) => {
    const dropped = Math.min(left, buffer.length)
    left -= dropped
    return dropped === buffer.length ? [] : [buffer.subarray(dropped)]
  })
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await call((done) => fs.mkdir(path, FOLDER_MODE, done))
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const fd = await ask<number>((done) => fs.open(path, 'r', done))
  try {
    await call((done) => fs.fsync(fd, done))
  } finally {
    await call((done) => fs.close(fd, done))
  }
}

/** Is true for an error of the system with one of the codes. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
