// What files of bodies are called. Normative: docs/formats/bodies.md
import { join } from 'node:path'
import type { BodyId } from './bodies.ts'

export const FILES_PER_FOLDER = 4096n

const SEGMENT_NAME = /^([0-9a-f]{16})\.segment$/
const FILE_NAME = /^([0-9a-f]+)\.body$/
const FOLDER_NAME = /^[0-9a-f]+$/

export function segmentsFolder(folder: string): string {
  return join(folder, 'segments')
}

export function segmentPath(folder: string, segment: number): string {
  return join(segmentsFolder(folder), `${segment.toString(16).padStart(16, '0')}.segment`)
}

export function findSegmentNumber(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}

export function filesFolder(folder: string): string {
  return join(folder, 'files')
}

/** The folder of a body's file: one for every 4,096 ids. */
export function fileFolder(folder: string, id: BodyId): string {
  return join(filesFolder(folder), (id / FILES_PER_FOLDER).toString(16))
}

export function filePath(folder: string, id: BodyId): string {
  return join(fileFolder(folder, id), `${id.toString(16)}.body`)
}

export function findFileId(name: string): BodyId | undefined {
  const digits = FILE_NAME.exec(name)?.[1]
  return digits === undefined ? undefined : BigInt(`0x${digits}`)
}

export function findFolderNumber(name: string): bigint | undefined {
  return FOLDER_NAME.test(name) ? BigInt(`0x${name}`) : undefined
}
