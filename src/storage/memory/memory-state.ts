/**
 * All that the memory store knows, and how a commit changes it: writes are drafted against what is
 * there and take effect together, after the last of them and the feed have agreed. Nothing here
 * awaits, so nothing comes between.
 */
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Change, Origin } from '../change-feed.ts'
import type {
  Bucket,
  ChangeOptions,
  ObjectName,
  Part,
  StoredDocument,
  Upload,
} from '../object-store.ts'
import {
  NULL_VERSION,
  type ObjectPart,
  type ObjectVersion,
  type VersionEntry,
} from '../object-version.ts'
import { StorageError } from '../storage-error.ts'
import { createVersionId } from '../version-id.ts'
import {
  assertMeant,
  type CommitStamp,
  type KeyState,
  type PlannedChange,
  type WritePlan,
} from '../write-plan.ts'
import type { Pieces } from './memory-body.ts'
import type { MemoryFeed } from './memory-feed.ts'
import type { SortedMap } from './sorted-map.ts'

export type MemoryState = {
  readonly clock: Clock
  readonly random: Random
  readonly feed: MemoryFeed
  readonly buckets: SortedMap<MemoryBucket>
  isOpen: boolean
}

export type MemoryBucket = {
  bucket: Bucket
  readonly keys: SortedMap<History>
  readonly documents: SortedMap<StoredDocument>
  readonly uploads: Map<string, OpenUpload>
  /** By upload id, for callers who did not hear the answer and ask again. */
  readonly completed: Map<string, ObjectVersion>
}

/**
 * The versions and markers of one key, newest first; never empty while the key is in its bucket.
 */
export type History = readonly StoredVersion[]
export type StoredVersion = { readonly entry: VersionEntry; readonly content: Content }
export type Content = { readonly pieces: Pieces; readonly parts: readonly ObjectPart[] }

export type OpenUpload = { readonly upload: Upload; readonly parts: Map<number, StoredPart> }
export type StoredPart = Part & { readonly pieces: Pieces }

export function assertOpen(state: MemoryState): void {
  if (!state.isOpen) throw new StorageError('Closed', 'The store is closed.')
}

/** @throws StorageError `NoSuchBucket`, `Closed` */
export function getBucket(state: MemoryState, name: string): MemoryBucket {
  assertOpen(state)
  const found = state.buckets.get(name)
  if (found !== undefined) return found
  throw new StorageError('NoSuchBucket', `There is no bucket "${name}".`, {
    details: { bucket: name },
  })
}

/** The version that is named, or the newest; of a key that is not there, none. */
export function findVersion(
  history: History,
  versionId: string | undefined,
): StoredVersion | undefined {
  if (versionId === undefined) return history[0]
  return history.find(({ entry }) => entry.versionId === versionId)
}

/** Carries out everything that `write` drafts, or nothing when it or the feed throws. */
export function commit<Result>(
  state: MemoryState,
  { origin, meantFor }: ChangeOptions,
  write: (draft: Draft) => Result,
): Result {
  assertOpen(state)
  assertMeant(meantFor, (name) => state.buckets.get(name)?.bucket)
  const draft = new Draft(state, origin)
  const result = write(draft)
  state.feed.append(draft.changes)
  draft.takeEffect()
  return result
}

/** Writes that have been decided but not yet happened. Later ones see earlier ones. */
export class Draft {
  readonly changes: Change[] = []
  readonly #state: MemoryState
  readonly #origin: Origin
  /** By bucket and key; a bucket's name holds no slash. */
  readonly #drafted = new Map<string, ObjectName & { readonly history: History }>()
  readonly #effects: (() => void)[] = []
  #sequence: bigint

  constructor(state: MemoryState, origin: Origin) {
    this.#state = state
    this.#origin = origin
    this.#sequence = state.feed.newest
  }

  bucket(name: string): Bucket {
    return getBucket(this.#state, name).bucket
  }

  history({ bucket, key }: ObjectName): History {
    const drafted = this.#drafted.get(`${bucket}/${key}`)
    return drafted?.history ?? getBucket(this.#state, bucket).keys.get(key) ?? []
  }

  keyState(name: ObjectName): KeyState {
    const history = this.history(name)
    return {
      bucket: this.bucket(name.bucket),
      latest: history[0]?.entry,
      nullVersion: findVersion(history, NULL_VERSION)?.entry,
    }
  }

  stamp(): CommitStamp {
    const now = this.#state.clock.nowNs()
    this.#sequence = now > this.#sequence ? now : this.#sequence + 1n
    return {
      sequence: this.#sequence,
      at: new Date(this.#state.clock.now()),
      versionId: createVersionId(this.#sequence, this.#state.random),
    }
  }

  /** Drafts a plan for one key; `content` belongs to the version that it adds. */
  carryOut<Result>(
    name: ObjectName,
    plan: WritePlan<Result>,
    made: { readonly stamp: CommitStamp; readonly content?: Content },
  ): Result {
    const removed = new Set(plan.remove.map((entry) => entry.versionId))
    const kept = this.history(name)
      .filter(({ entry }) => !removed.has(entry.versionId))
      .map((stored) => withReplacement(stored, plan.replace))
    const { content = { pieces: [], parts: [] } } = made
    const history = plan.add === undefined ? kept : [{ entry: plan.add, content }, ...kept]
    this.#drafted.set(`${name.bucket}/${name.key}`, { ...name, history })
    if (plan.change !== undefined) this.announce(plan.change, made.stamp)
    return plan.result
  }

  announce(change: PlannedChange, { sequence, at }: CommitStamp): void {
    this.changes.push({ formatVersion: 1, sequence, at, ...change, origin: this.#origin })
  }

  /** Adds what happens beside the keys once nothing can go wrong any more. */
  onCommit(effect: () => void): void {
    this.#effects.push(effect)
  }

  takeEffect(): void {
    for (const { bucket, key, history } of this.#drafted.values()) {
      const { keys } = getBucket(this.#state, bucket)
      if (history.length === 0) keys.delete(key)
      else keys.set(key, history)
    }
    for (const effect of this.#effects) effect()
  }
}

function withReplacement(stored: StoredVersion, next: ObjectVersion | undefined): StoredVersion {
  return next !== undefined && stored.entry.versionId === next.versionId
    ? { ...stored, entry: next }
    : stored
}
