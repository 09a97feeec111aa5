// Serves one file through /dev/fuse, on which a loop device is put, and logs each write and flush
// before answering it. One thread, one request at a time, no write-back cache, so the log has the
// order that a disk would have seen. Arguments: image, log, fault file. Descriptor 3 is /dev/fuse,
// already mounted on a plain file.
// @see https://docs.kernel.org/filesystems/fuse.html and include/uapi/linux/fuse.h for the layouts
import { fstatSync, openSync, readSync, writevSync } from 'node:fs'
import { FAULTS } from './faults-of-a-disk.ts'
import { appendRecord, writeImage } from './write-log.ts'

const OPCODE = {
  forget: 2,
  getattr: 3,
  setattr: 4,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
} as const
const ERRNO = { EIO: 5, ENODEV: 19, ENOSPC: 28, ENOSYS: 38 } as const
const REQUEST_HEADER_SIZE = 40
const WRITE_HEADER_SIZE = 40
const MAX_WRITE_SIZE = 1024 * 1024
const PAGE_SIZE = 4096
const INIT_FLAGS = (1 << 0) | (1 << 5) | (1 << 22) // ASYNC_READ, BIG_WRITES, MAX_PAGES
const KEEP_CACHE = 2
const REGULAR_FILE_MODE = 0o100600
const ATTRIBUTES_VALID_SECONDS = 3600n

const MOUNTED_WITHIN_MS = 30_000

const DEVICE = 3
const [imagePath = '', logPath = '', faultPath = ''] = process.argv.slice(2)
const image = openSync(imagePath, 'r+')
const log = openSync(logPath, 'a')
const fault = openSync(faultPath, 'r')
const imageSize = fstatSync(image).size

type Answer = { readonly error?: number; readonly body?: Uint8Array } | undefined

function initAnswer(request: Buffer): Buffer {
  const body = Buffer.alloc(64)
  body.writeUInt32LE(7, 0)
  body.writeUInt32LE(31, 4)
  body.writeUInt32LE(request.readUInt32LE(REQUEST_HEADER_SIZE + 8), 8)
  body.writeUInt32LE(INIT_FLAGS, 12)
  body.writeUInt16LE(16, 16)
  body.writeUInt16LE(12, 18)
  body.writeUInt32LE(MAX_WRITE_SIZE, 20)
  body.writeUInt32LE(1, 24)
  body.writeUInt16LE(MAX_WRITE_SIZE / PAGE_SIZE, 28)
  return body
}

function attributesAnswer(): Buffer {
  const body = Buffer.alloc(104)
  body.writeBigUInt64LE(ATTRIBUTES_VALID_SECONDS, 0)
  body.writeBigUInt64LE(1n, 16)
  body.writeBigUInt64LE(BigInt(imageSize), 24)
  body.writeBigUInt64LE(BigInt(imageSize / 512), 32)
  body.writeUInt32LE(REGULAR_FILE_MODE, 76)
  body.writeUInt32LE(1, 80)
  body.writeUInt32LE(PAGE_SIZE, 96)
  return body
}

/** The fault that the test asks for now, by the one byte in the fault file. */
function faultNow(): (typeof FAULTS)[number] {
  const byte = Buffer.alloc(1)
  readSync(fault, byte, 0, 1, 0)
  return FAULTS[byte[0] ?? 0] ?? 'none'
}

function read(request: Buffer): Answer {
  const offset = Number(request.readBigUInt64LE(REQUEST_HEADER_SIZE + 8))
  const body = Buffer.alloc(request.readUInt32LE(REQUEST_HEADER_SIZE + 16))
  return { body: body.subarray(0, readSync(image, body, 0, body.length, offset)) }
}

function write(request: Buffer): Answer {
  const now = faultNow()
  if (now === 'write-error') return { error: ERRNO.EIO }
  if (now === 'no-space') return { error: ERRNO.ENOSPC }
  const offset = Number(request.readBigUInt64LE(REQUEST_HEADER_SIZE + 8))
  const size = request.readUInt32LE(REQUEST_HEADER_SIZE + 16)
  const start = REQUEST_HEADER_SIZE + WRITE_HEADER_SIZE
  const bytes = request.subarray(start, start + size)
  writeImage(image, { offset, bytes })
  appendRecord(log, { kind: 'write', offset, bytes })
  const body = Buffer.alloc(8)
  body.writeUInt32LE(size, 0)
  return { body }
}

function flush(): Answer {
  const now = faultNow()
  if (now === 'flush-error' || now === 'write-error') return { error: ERRNO.EIO }
  appendRecord(log, { kind: 'flush', offset: 0, bytes: new Uint8Array() })
  return {}
}

function answer(request: Buffer): Answer {
  switch (request.readUInt32LE(4)) {
    case OPCODE.init:
      return { body: initAnswer(request) }
    case OPCODE.getattr:
    case OPCODE.setattr:
      return { body: attributesAnswer() }
    case OPCODE.open: {
      const body = Buffer.alloc(16)
      body.writeUInt32LE(KEEP_CACHE, 8)
      return { body }
    }
    case OPCODE.read:
      return read(request)
    case OPCODE.write:
      return write(request)
    case OPCODE.fsync:
      return flush()
    case OPCODE.statfs:
      return { body: Buffer.alloc(80) }
    case OPCODE.flush:
    case OPCODE.release:
    case OPCODE.destroy:
      return {}
    case OPCODE.forget:
    case OPCODE.batchForget:
    case OPCODE.interrupt:
      return undefined
    default:
      return { error: ERRNO.ENOSYS }
  }
}

function send(request: Buffer, { error = 0, body = new Uint8Array() }: NonNullable<Answer>): void {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(header.length + body.length, 0)
  header.writeInt32LE(-error, 4)
  request.copy(header, 8, 8, 16)
  try {
    writevSync(DEVICE, [header, body])
  } catch (cause) {
    // ENOENT: the request was interrupted meanwhile and nobody waits for its answer.
    if (codeOf(cause) !== 'ENOENT') throw cause
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** Until it is mounted, the device answers EPERM; mount itself needs an answer to end. */
function isWaiting(): boolean {
  if (performance.now() > MOUNTED_WITHIN_MS) return false
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  return true
}

const buffer = Buffer.alloc(MAX_WRITE_SIZE + 2 * PAGE_SIZE)
for (;;) {
  let size: number
  try {
    size = readSync(DEVICE, buffer, 0, buffer.length, null)
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENODEV') break // It was unmounted.
    if (code === 'EPERM' && isWaiting()) continue
    if (code === 'EINTR' || code === 'EAGAIN' || code === 'ENOENT') continue
    throw cause
  }
  const request = buffer.subarray(0, size)
  const reply = answer(request)
  if (reply !== undefined) send(request, reply)
}
