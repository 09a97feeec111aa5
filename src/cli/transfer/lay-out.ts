/** Which stretches of a file, or of an object that is copied, become its parts. */
import type { FileHandle } from 'node:fs/promises'
import { MAX_PARTS } from '../s3/multipart.ts'

/** A file that is being read, as it was when it was opened. */
export type OpenFile = {
  readonly path: string
  readonly handle: FileHandle
  readonly sizeBytes: number
  readonly changedAtMs: number
}

export type NumberedStretch = {
  readonly partNumber: number
  readonly offset: number
  readonly sizeBytes: number
}

const MEBIBYTE = 1024 * 1024

/** The same parts for the same file and part size, so that another run finds its own again. */
export function layOut(
  file: Pick<OpenFile, 'sizeBytes'>,
  partSizeBytes: number,
): readonly NumberedStretch[] {
  const atLeast = Math.ceil(file.sizeBytes / MAX_PARTS / MEBIBYTE) * MEBIBYTE
  const size = Math.max(partSizeBytes, atLeast)
  return Array.from({ length: Math.ceil(file.sizeBytes / size) }, (_, at) => ({
    partNumber: at + 1,
    offset: at * size,
    sizeBytes: Math.min(size, file.sizeBytes - at * size),
  }))
}
