import { startServer } from '../load/server-process.ts'
import type { ServerOptions, ServerProcess } from '../load/server-process.ts'
import { stopWhenEnding, undoLater } from './undo.ts'

export type RunningServer = {
  readonly server: ServerProcess
  /** Kills it before its time. */
  readonly kill: () => Promise<void>
}

/** Lends a server that is killed afterwards, also when the run is interrupted. */
export async function withServer<Result>(
  options: ServerOptions,
  use: (running: RunningServer) => Promise<Result>,
): Promise<Result> {
  stopWhenEnding()
  const starting = startServer(options)
  const kill = undoLater(async () => {
    const server = await starting.catch(() => undefined)
    await server?.kill()
  })
  try {
    return await use({ server: await starting, kill })
  } finally {
    await kill()
  }
}
