import { NOBODY } from '../change-feed.ts'
import type { Log } from '../../base/log.ts'
import type { BodyId, DiskBodies } from './bodies/bodies.ts'
import { decodeNumber, encodeNumber } from './catalog/key-encoding.ts'
import { decodePlace } from './catalog/row-codecs.ts'
import type { Tables } from './catalog/tables.ts'
import type { Committer } from './catalog/committer.ts'
import type { FreedBody } from './catalog/draft.ts'

/**
 * Gives back the space of bodies that a commit forgot: after that commit, never under a reader, and
 * not while a backup copies what the catalog of a moment ago names.
 */
export interface Garbage {
  /** Keeps bodies on disk until the function it gives is called. */
  pin(ids: readonly BodyId[]): () => void
  /** Takes what a commit freed. */
  add(freed: readonly FreedBody[]): void
  /** Frees nothing until the function it gives is called. */
  pause(): () => void
  /** Resolves when nothing is being freed; nothing will be any more. */
  close(): Promise<void>
}

export type GarbageOptions = {
  readonly tables: Tables
  readonly bodies: Pick<DiskBodies, 'release'>
  readonly committer: () => Pick<Committer, 'commit'>
  readonly log: Log
}

/** What was freed before the store was last closed, and is not yet given back. */
export function readGarbage(tables: Tables): readonly FreedBody[] {
  const rows = tables.garbage.getRange({})
  return Array.from(rows, ({ key, value }) => ({
    id: decodeNumber(key),
    place: decodePlace(value),
  }))
}

/** So many are released before the catalog is told. */
const GROUP = 64

export function createGarbage(options: GarbageOptions): Garbage {
  const heap = new Heap(options)
  return {
    pin: (ids) => heap.pin(ids),
    add: (freed) => heap.add(freed),
    pause: () => heap.pause(),
    close: () => heap.close(),
  }
}

class Heap {
  readonly #options: GarbageOptions
  readonly #waiting = new Map<BodyId, FreedBody>()
  readonly #pins = new Map<BodyId, number>()
  #pauses = 0
  #closed = false
  #running: Promise<void> | undefined

  constructor(options: GarbageOptions) {
    this.#options = options
  }

  pin(ids: readonly BodyId[]): () => void {
    for (const id of ids) this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1)
    return once(() => {
      for (const id of ids) this.#unpin(id)
      this.#wake()
    })
  }

  add(freed: readonly FreedBody[]): void {
    for (const body of freed) this.#waiting.set(body.id, body)
    this.#wake()
  }

  pause(): () => void {
    this.#pauses += 1
    return once(() => {
      this.#pauses -= 1
      this.#wake()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  #unpin(id: BodyId): void {
    const left = (this.#pins.get(id) ?? 0) - 1
    if (left > 0) this.#pins.set(id, left)
    else this.#pins.delete(id)
  }

  #wake(): void {
    if (this.#waiting.size > 0) this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    const { log } = this.#options
    try {
      for (let group = this.#next(); group.length > 0; group = this.#next()) {
        await this.#release(group)
      }
    } catch (error) {
      // The rows stay, so the next opening tries again.
      log.warn('space could not be freed', { error })
    }
    this.#running = undefined
  }

  #next(): readonly FreedBody[] {
    if (this.#closed || this.#pauses > 0) return []
    const group: FreedBody[] = []
    for (const body of this.#waiting.values()) {
      if (this.#pins.has(body.id)) continue
      group.push(body)
      if (group.length === GROUP) break
    }
    for (const { id } of group) this.#waiting.delete(id)
    return group
  }

  async #release(group: readonly FreedBody[]): Promise<void> {
    const { tables, bodies, committer } = this.#options
    await Promise.all(group.map(({ id, place }) => bodies.release(id, place)))
    await committer().commit(NOBODY, (draft) => {
      for (const { id } of group) draft.remove(tables.garbage, encodeNumber(id))
    })
  }
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}
