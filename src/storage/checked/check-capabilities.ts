import type { Condition, DeleteCondition } from '../condition.ts'
import type { NewVersion, StoreCapabilities } from '../object-store.ts'
import { StorageError } from '../storage-error.ts'

type AskedOf = Partial<Pick<NewVersion, 'retention' | 'legalHold'>> & {
  readonly condition?: Condition | DeleteCondition
  readonly bypassGovernance?: boolean
}

/**
 * Passes when the store can do what a write asks for: what it cannot is refused, never ignored.
 * @throws StorageError `NotSupported`
 */
export function assertSupported(capabilities: StoreCapabilities, asked: AskedOf): void {
  const { condition, retention, legalHold } = asked
  const isConditional = Object.values(condition ?? {}).some((value) => value !== undefined)
  if (isConditional) assertCapable(capabilities, 'conditionalWrites')
  if (retention !== undefined || legalHold === true) assertCapable(capabilities, 'objectLock')
}

/** @throws StorageError `NotSupported` */
export function assertCapable(
  capabilities: StoreCapabilities,
  needed: keyof StoreCapabilities,
): void {
  if (capabilities[needed]) return
  throw new StorageError('NotSupported', `The store behind this bucket has no ${WORDS[needed]}.`)
}

const WORDS: Readonly<Record<keyof StoreCapabilities, string>> = {
  versions: 'versions',
  conditionalWrites: 'conditional writes',
  objectLock: 'object lock',
  atomicCommit: 'commits of many writes',
}
