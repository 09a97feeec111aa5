import { Command } from 'commander'
import { findAddress } from '../../app/address-file.ts'
import { readConfiguration, type GivenArguments } from '../../app/config.ts'
import { askHealth } from '../running-server.ts'
import { addSettings } from '../settings.ts'

/** Where a server answers that keeps its objects in a folder which nobody named. */
const USUAL_ADDRESS = { url: 'http://127.0.0.1:9000' }

/** For health checks in places that have no curl. */
export function readyCommand(): Command {
  const command = new Command('ready')
    .description('Ask the server of the folder, or else that on port 9000, whether it answers.')
    .action(async (options: GivenArguments) => {
      const { folder } = readConfiguration(options)
      await askHealth((await findAddress(folder)) ?? USUAL_ADDRESS)
    })
  return addSettings(command)
}
