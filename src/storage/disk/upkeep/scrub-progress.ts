import type { Finding } from '../../maintenance.ts'

/** What a scrub has come across so far. */
export type ScrubProgress = {
  versions: number
  bodies: number
  bytes: number
  readonly signal: AbortSignal | undefined
  /** Bodies that are damaged, and how: the rows that name them are read later. */
  readonly damaged: Map<bigint, Pick<Finding, 'kind' | 'message'>>
}
