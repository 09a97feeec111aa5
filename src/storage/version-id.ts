// A version's id is 32 hex digits: the 16 of its sequence, so that a store finds it without an
// index, and 16 random ones, so that nobody guesses it.
import type { Random } from '../base/random.ts'

/** An id that bears the sequence of its version and that nobody can guess. */
export function createVersionId(sequence: bigint, random: Random): string {
  return sequence.toString(16).padStart(16, '0') + random.hex(8)
}

/** The sequence of the version that bears or bore this id; undefined for `null` and foreign ids. */
export function sequenceOfVersionId(versionId: string): bigint | undefined {
  return /^[0-9a-f]{32}$/.test(versionId) ? BigInt(`0x${versionId.slice(0, 16)}`) : undefined
}
