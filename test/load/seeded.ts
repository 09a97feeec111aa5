// Everything random in the load comes from a seed, so that a run can be repeated and bodies need
// not be kept.
import { createCipheriv } from 'node:crypto'

/** A piece of a body: its bytes follow from its seed and size. */
export type BodySeed = { readonly seed: number; readonly size: number }

export type SeededRandom = {
  /** A whole number from 0 up to but not including `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<Choice>(choices: readonly Choice[]): Choice
}

/** @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md (mulberry32) */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (limit) => Math.floor(next() * limit),
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const choice = choices[Math.floor(next() * choices.length)]
      if (choice === undefined) throw new Error('There is nothing to pick from')
      return choice
    },
  }
}

/** The bytes that a seed stands for: an AES-CTR key stream, faster than any disk. */
export function bodyFrom({ seed, size }: BodySeed): Buffer {
  const key = Buffer.alloc(16)
  key.writeDoubleLE(seed, 0)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** The bytes of an object made of several pieces, as a multipart upload leaves it. */
export function contentFrom(pieces: readonly BodySeed[]): Buffer {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return bodyFrom(first)
  return Buffer.concat(pieces.map(bodyFrom))
}
