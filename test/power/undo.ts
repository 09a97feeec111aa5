// What the runner set up on the machine (mounts, loop devices, processes, folders) is undone
// whatever happens to it.
type Step = { readonly undo: () => Promise<void>; done?: Promise<void> }

const INTERRUPTED = 130
const steps: Step[] = []
let ending: Promise<void> | undefined

/** Remembers how to undo something; the function that it returns undoes it now, once. */
export function undoLater(undo: () => Promise<void>): () => Promise<void> {
  const step: Step = { undo }
  steps.push(step)
  return () => undoStep(step)
}

/** Whoever sets up more asks first. @throws Error once everything is being undone */
export function stopWhenEnding(): void {
  if (ending !== undefined) throw new Error('The run is over: nothing more is set up')
}

/**
 * Undoes everything that is left, newest first; a failure does not keep the rest from being undone.
 */
export async function undoAll(): Promise<void> {
  ending ??= undoRest()
  return ending
}

/** From now on an interrupt undoes everything and ends the process. */
export function undoOnInterrupt(): void {
  process.once('SIGINT', undoAndExit)
  process.once('SIGTERM', undoAndExit)
}

async function undoStep(step: Step): Promise<void> {
  step.done ??= step.undo().finally(() => steps.splice(steps.indexOf(step), 1))
  return step.done
}

async function undoRest(): Promise<void> {
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    await undoStep(step).catch((cause: unknown) => {
      process.stderr.write(`Could not undo: ${String(cause)}\n`)
    })
  }
}

function undoAndExit(): void {
  void undoAll().finally(() => process.exit(INTERRUPTED))
}
