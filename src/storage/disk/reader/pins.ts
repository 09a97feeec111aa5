// Pins that other threads ask for: what they stream stays on disk until they let go of it.
import type { Callees } from '../../../base/calls/callee.ts'
import type { Caller } from '../../../base/calls/caller.ts'
import type { BodyId } from '../bodies/bodies.ts'
import type { Garbage } from '../garbage.ts'

/** Keeps bodies on disk until the function it gives is called. */
export type PinBodies = (ids: readonly BodyId[]) => Promise<() => void>

/** Pins for the callers of one thread. */
export function pinCallees(garbage: Pick<Garbage, 'pin'>): Callees {
  const held = new Map<number, () => void>()
  let last = 0
  return {
    'pins.pin': ({ args: [ids] }) => {
      last += 1
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as `pinOver` sends it
      held.set(last, garbage.pin(ids as readonly BodyId[]))
      return last
    },
    'pins.unpin': ({ args: [pin] }) => {
      held.get(Number(pin))?.()
      held.delete(Number(pin))
    },
  }
}

/** Pins with the thread that stores. */
export function pinOver(caller: Caller): PinBodies {
  return async (ids) => {
    const pin = await caller.call<number>({ name: 'pins.pin', args: [ids] })
    return () => {
      // Nobody waits for it; when the other thread has ended, so has the process.
      void caller.call({ name: 'pins.unpin', args: [pin] }).catch(() => undefined)
    }
  }
}
