// The log of a recorded block device: every write and every flush, in the order in which they
// arrived.
import { closeSync, openSync, readSync, writeSync, writevSync } from 'node:fs'

export type LogRecord = {
  readonly kind: 'write' | 'flush'
  /** Where on the device; 0 for a flush. */
  readonly offset: number
  /** Empty for a flush. */
  readonly bytes: Uint8Array
  /** The length of the log with this record in it. */
  readonly end: number
}

const HEADER_SIZE = 16
const KINDS = ['write', 'flush'] as const

/** Appends one record; a reader of the file's length sees it whole or not at all. */
export function appendRecord(log: number, record: Omit<LogRecord, 'end'>): void {
  const header = Buffer.alloc(HEADER_SIZE)
  header.writeUInt32LE(KINDS.indexOf(record.kind), 0)
  header.writeUInt32LE(record.bytes.length, 4)
  header.writeDoubleLE(record.offset, 8)
  writevSync(log, [header, record.bytes])
}

/** The records of a log, oldest first. */
export function* readLog(path: string): Generator<LogRecord> {
  const log = openSync(path, 'r')
  try {
    const header = Buffer.alloc(HEADER_SIZE)
    let position = 0
    while (readSync(log, header, 0, HEADER_SIZE, position) === HEADER_SIZE) {
      const bytes = Buffer.alloc(header.readUInt32LE(4))
      readSync(log, bytes, 0, bytes.length, position + HEADER_SIZE)
      position += HEADER_SIZE + bytes.length
      const kind = KINDS[header.readUInt32LE(0)]
      if (kind === undefined) throw new Error(`The log ${path} is damaged before ${position}`)
      yield { kind, offset: header.readDoubleLE(8), bytes, end: position }
    }
  } finally {
    closeSync(log)
  }
}

/** Puts what was written at `offset` of a device into its image. */
export function writeImage(image: number, record: Pick<LogRecord, 'offset' | 'bytes'>): void {
  let done = 0
  while (done < record.bytes.length) {
    done += writeSync(image, record.bytes, done, record.bytes.length - done, record.offset + done)
  }
}
