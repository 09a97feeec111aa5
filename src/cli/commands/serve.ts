import { Command } from 'commander'
import type { RunningApp } from '../../app/app.ts'
import { readConfiguration, type GivenArguments } from '../../app/config.ts'
import { SETTINGS, type Configuration, type Setting } from '../../app/settings/settings.ts'
import { rootKeysPath } from '../../app/root-keys.ts'
import { addSettings } from '../settings.ts'
import { renderWelcome } from '../welcome.ts'

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Store and answer, until SIGTERM or Ctrl-C.')
    .argument('[folder]', 'the same as --folder')
    .action((folder: string | undefined, options: GivenArguments) =>
      serve(readConfiguration(folder === undefined ? options : { ...options, folder })),
    )
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS)
  return addSettings(
    command,
    settings.filter(({ secret }) => secret !== true),
  )
}

/** Resolves when the server has stopped after a signal. */
export async function serve(configuration: Configuration): Promise<void> {
  const { startApp } = await import('../../app/app.ts')
  const app = await startApp(configuration)
  // Before it answers there is nothing to finish, and a signal ends it as it ends any process.
  const stopping = listenForStop()
  announce(app, configuration)
  await stopping
  await app.stop()
}

function announce(app: RunningApp, { folder, store }: Configuration): void {
  process.stdout.write(
    renderWelcome({
      url: app.url,
      folder,
      rootKeys: app.rootKeys,
      rootKeysPath: rootKeysPath(folder),
      store,
      terminal: process.stdout.isTTY,
      ...(app.certificate?.isGenerated && { certificatePath: app.certificate.paths.certificate }),
    }),
  )
}

/**
 * Ctrl-C under `npm start` comes twice, from the terminal and from npm: what follows so soon after
 * the first signal is the same one.
 */
const SAME_SIGNAL_MS = 1000

/** Resolves at the first signal to stop. A second one then ends the process as any other. */
function listenForStop(): Promise<void> {
  const signals = ['SIGTERM', 'SIGINT'] as const
  const { promise, resolve } = Promise.withResolvers<void>()
  const letGo = (): void => {
    for (const signal of signals) process.off(signal, stop)
  }
  const stop = (): void => {
    resolve()
    setTimeout(letGo, SAME_SIGNAL_MS).unref()
  }
  for (const signal of signals) process.on(signal, stop)
  return promise
}
