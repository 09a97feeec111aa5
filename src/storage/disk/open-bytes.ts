// How the bytes of a version are read, be they one body or many, while nothing frees them.
import type { ByteStream } from '../body.ts'
import type { ObjectPart } from '../object-version.ts'
import type { ByteRange } from '../range.ts'
import { createByteStream } from './bodies/byte-stream.ts'
import type { BodyId, BodyPlace, StoredBody } from './bodies/bodies.ts'
import { INLINE_BYTES } from './bodies/small-body.ts'
import { getBlob, getPartsOf, getPlace, peekBlob, type StoredObject } from './catalog/catalog.ts'
import type { BlobRow } from './catalog/rows.ts'
import type { Tables } from './catalog/tables.ts'
import type { ReadState } from './disk-state.ts'

/**
 * A stretch of one body. An inline body is at hand; where others lie is asked when their turn
 * comes.
 */
type Piece = {
  readonly body: Omit<StoredBody, 'place'> & { readonly place?: BodyPlace }
  readonly range: ByteRange
}

/** The parts of a version, in order; none when it was stored in one piece. */
export function partsOf(tables: Tables, { version, body }: StoredObject): readonly ObjectPart[] {
  if (version.partCount === undefined) return []
  return getPartsOf(tables, body).map((row) => {
    const { body: _, ...part } = row
    return part
  })
}

/** Streams a range of a body. What it reads from stays on disk until the stream ends. */
export function openBytes(state: ReadState, id: BodyId, range: ByteRange): ByteStream {
  const blob = getBlob(state.tables, id)
  if (blob.place.kind === 'inline') return state.bodies.read(toStored(id, blob), range)
  const pieces =
    blob.place.kind === 'parts'
      ? piecesOfParts(state.tables, id, range)
      : [{ body: toStored(id, blob), range }]
  return joinPieces(state, pieces)
}

/** Whether a body's bytes lie in its row, where nothing can take them away from a reader. */
export function isInCatalog(tables: Tables, id: BodyId): boolean {
  return peekBlob(tables, id).place.kind === 'inline'
}

/** The bodies that hold a body's bytes: itself, or those of its parts. */
export function bodiesOf(tables: Tables, id: BodyId): readonly BodyId[] {
  const isInParts = peekBlob(tables, id).place.kind === 'parts'
  return isInParts ? getPartsOf(tables, id).map(({ body }) => body) : [id]
}

/** @throws when the body is made of parts, which lie nowhere themselves */
function toStored(id: BodyId, { size, place }: BlobRow): StoredBody {
  if (place.kind === 'parts') throw new Error(`Body ${id} is made of parts within parts.`)
  return { id, size, place }
}

/** There may be ten thousand parts, so only those that may be gone with their row are read now. */
function piecesOfParts(tables: Tables, id: BodyId, range: ByteRange): readonly Piece[] {
  let partStart = 0
  return getPartsOf(tables, id).flatMap(({ body, size }) => {
    const start = Math.max(0, range.start - partStart)
    const end = Math.min(size, range.end - partStart)
    partStart += size
    if (start >= end) return []
    const found = size > INLINE_BYTES ? { id: body, size } : toStored(body, getBlob(tables, body))
    return [{ body: found, range: { start, end } }]
  })
}

function joinPieces({ bodies, garbage, tables }: ReadState, pieces: readonly Piece[]): ByteStream {
  const unpin = garbage.pin(pieces.map(({ body }) => body.id))
  let opened = 0
  let current: ByteStream | undefined
  return createByteStream({
    async read() {
      for (;;) {
        if (current === undefined) {
          const piece = pieces[opened]
          if (piece === undefined) return undefined
          opened += 1
          const { id, size, place = getPlace(tables, id) } = piece.body
          current = bodies.read({ id, size, place }, piece.range)
        }
        const { done, value } = await current.next()
        if (done !== true) return value
        current = undefined
      }
    },
    async free() {
      try {
        await current?.return()
      } finally {
        unpin()
      }
    },
  })
}
