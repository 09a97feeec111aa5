// How many rows there may be, without counting them at every write: what was free when they were
// counted last is handed out first, and rows that went meanwhile are found at the next count.
import { createBoundedMap } from '../../base/bounded-map.ts'
import type { Clock } from '../../base/clock.ts'

/** Whoever is refused may ask again and again: the count costs him, not the others. */
const COUNT_AGAIN_MS = 1000
const REMEMBERED_GROUPS = 1000

/** Room for so many rows in each group of rows, such as the uploads of a bucket. */
export interface RowRoom {
  /** Whether there is room for one more, which the caller then adds, or does not. */
  take(group: number, count: () => number): boolean
}

type Room = { left: number; readonly countedAtMs: number }

/** Room of which nobody has taken anything yet. */
export function createRowRoom(max: number, clock: Clock): RowRoom {
  const rooms = createBoundedMap<number, Room>(REMEMBERED_GROUPS)
  return {
    take(group, count) {
      let room = rooms.get(group)
      const nowMs = clock.monotonicMs()
      if (room === undefined || (room.left <= 0 && nowMs >= room.countedAtMs + COUNT_AGAIN_MS)) {
        room = { left: max - count(), countedAtMs: nowMs }
        rooms.set(group, room)
      }
      room.left -= 1
      return room.left >= 0
    },
  }
}
