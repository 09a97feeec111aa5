/** Lets one sleeper know that something has changed. */
export type Bell = {
  /** Resolves at the next ring. */
  wait(): Promise<void>
  ring(): void
}

/** A bell that nobody listens to yet. */
export function createBell(): Bell {
  let heard: (() => void) | undefined
  return {
    wait: () =>
      new Promise((resolve) => {
        heard = resolve
      }),
    ring: () => heard?.(),
  }
}
