// What the runner set up on the machine (mounts, loop devices, processes, folders) is undone whatever happens to it.
const INTERRUPTED = 130
const pending: (() => Promise<void>)[] = []

/** Remembers how to undo something; the function that it returns undoes it now, once. */
export function undoLater(undo: () => Promise<void>): () => Promise<void> {
  pending.push(undo)
  return async () => {
    const place = pending.indexOf(undo)
    if (place < 0) return
    pending.splice(place, 1)
    await undo()
  }
}

/** Undoes everything that is left, newest first; a failure does not keep the rest from being undone. */
export async function undoAll(): Promise<void> {
  for (let undo = pending.pop(); undo !== undefined; undo = pending.pop()) {
    await undo().catch((cause: unknown) =>
      process.stderr.write(`Could not undo: ${String(cause)}\n`),
    )
  }
}

/** From now on an interrupt undoes everything and ends the process. */
export function undoOnInterrupt(): void {
  process.once('SIGINT', undoAndExit)
  process.once('SIGTERM', undoAndExit)
}

function undoAndExit(): void {
  void undoAll().finally(() => process.exit(INTERRUPTED))
}
