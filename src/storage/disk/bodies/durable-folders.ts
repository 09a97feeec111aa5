import { dirname } from 'node:path'
import type { Disk } from './disk.ts'

/** Makes new names durable, once for all who wait for the same folder. */
export interface DurableFolders {
  /** The folder exists, and still does after a power cut. Its parent exists already. */
  ensure(path: string): Promise<void>
  /** Every name that was made in the folder before the call is durable. */
  sync(path: string): Promise<void>
}

type Waiting = { running: Promise<void>; next: Promise<void> | undefined }

export function createDurableFolders(disk: Disk): DurableFolders {
  const ensured = new Map<string, Promise<void>>()
  const waitingByPath = new Map<string, Waiting>()

  const make = async (path: string): Promise<void> => {
    await disk.folders.make(path)
    // Also when it was there: whoever made it may have died before this.
    await sync(dirname(path))
  }
  const sync = (path: string): Promise<void> => {
    const waiting = waitingByPath.get(path)
    if (waiting === undefined) {
      const running = disk.folders.sync(path).finally(() => advance(path))
      waitingByPath.set(path, { running, next: undefined })
      return running
    }
    // The running sync may have begun before this caller's name was made, so it joins the next one.
    // After one that failed there is none: a second one could succeed although names were lost.
    waiting.next ??= waiting.running.then(() => disk.folders.sync(path))
    return waiting.next
  }
  const advance = (path: string): void => {
    const next = waitingByPath.get(path)?.next
    if (next === undefined) {
      waitingByPath.delete(path)
      return
    }
    const running = next.finally(() => advance(path))
    running.catch(() => undefined)
    waitingByPath.set(path, { running, next: undefined })
  }
  return {
    sync,
    async ensure(path) {
      const known = ensured.get(path)
      if (known !== undefined) return known
      const made = make(path)
      ensured.set(path, made)
      made.catch(() => ensured.delete(path))
      return made
    },
  }
}
