import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { findAddress } from '../../app/address-file.ts'
import { readConfiguration } from '../../app/config.ts'
import { systemClock } from '../../base/clock.ts'
import { askHealth } from '../running-server.ts'
import { parseDuration } from '../s3/quantities.ts'
import { addSettings } from '../settings.ts'

/** Where a server answers that keeps its objects in a folder which nobody named. */
const USUAL_ADDRESS = { url: 'http://127.0.0.1:9000' }
const PAUSE_MS = 100

type Options = { readonly folder?: string; readonly wait?: string }

/** For health checks in places that have no curl. */
export function readyCommand(): Command {
  const command = new Command('ready')
    .description('Ask the server of the folder, or else that on port 9000, whether it answers.')
    .addOption(
      new Option('--wait <time>', 'ask again for so long, as long as it does not: 30s, 2m'),
    )
    .action(waitUntilReady)
  return addSettings(command)
}

async function waitUntilReady({ folder: given, wait }: Options): Promise<void> {
  const { folder } = readConfiguration({ folder: given })
  const waitMs = wait === undefined ? 0 : parseDuration('--wait', wait) * 1000
  const endMs = systemClock.monotonicMs() + waitMs
  for (;;) {
    try {
      // Each time anew: whoever starts writes where it answers.
      await askHealth((await findAddress(folder)) ?? USUAL_ADDRESS)
      return
    } catch (error) {
      if (systemClock.monotonicMs() >= endMs) throw error
      await sleep(PAUSE_MS)
    }
  }
}
