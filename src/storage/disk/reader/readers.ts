// What the open store does for threads that read it: bodies are pinned for them, and they hear of
// segments that are gone.
import type { Callees } from '../../../base/calls/callee.ts'
import type { Segments } from '../bodies/bodies.ts'
import type { Garbage } from '../garbage.ts'
import { pinCallees } from './pins.ts'

/** Hears that a segment was deleted. */
export type ForgetSegment = (segment: number) => void

export type Readers = {
  /** One more thread reads; it calls what is given. */
  add(forgetSegment: ForgetSegment): Callees
  /** The same segments; what is removed is told to all readers. */
  watch(segments: Segments): Segments
}

/** Nobody else reads yet. */
export function createReaders(garbage: () => Pick<Garbage, 'pin'>): Readers {
  const told: ForgetSegment[] = []
  return {
    add(forgetSegment) {
      told.push(forgetSegment)
      return pinCallees({ pin: (ids) => garbage().pin(ids) })
    },
    watch: (segments) => ({
      ...segments,
      async remove(segment) {
        await segments.remove(segment)
        for (const forget of told) forget(segment)
      },
    }),
  }
}
