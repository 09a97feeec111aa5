/**
 * The feed and the maintenance of a folder: through the server that runs on it, or, when none does,
 * by opening the folder, which keeps servers out for that while.
 */
import { stat } from 'node:fs/promises'
import { findAddress } from '../app/address-file.ts'
import type { OpenStore } from '../app/compose.ts'
import { ConfigurationError } from '../app/config.ts'
import { type Configuration } from '../app/settings/settings.ts'
import { findRootKeys } from '../app/root-keys.ts'
import { systemClock } from '../base/clock.ts'
import { systemRandom } from '../base/random.ts'
import { isStorageError } from '../storage/storage-error.ts'
import { callServer, type AdminCall } from './running-server.ts'

const LONG_MS = 3_600_000

export type FolderCommand = {
  /** What a running server is asked. */
  readonly call: AdminCall
  /** What is done to the store when no server runs; gives what the server would answer. */
  run(store: OpenStore): AsyncIterable<unknown>
}

/** What the command gives, line by line, whoever carries it out. */
export async function* runOnFolder(
  configuration: Configuration,
  command: FolderCommand,
): AsyncGenerator {
  const address = await findAddress(configuration.folder)
  const keys = await findRootKeys(configuration)
  if (address !== undefined && keys !== undefined) {
    try {
      return yield* callServer({ ...address, keys, now: new Date(systemClock.now()) }, command.call)
    } catch (error) {
      if (!isNobodyThere(error)) throw error
    }
  }
  await assertFolder(configuration.folder)
  const store = await open(configuration).catch((error: unknown) => {
    if (keys === undefined && isStorageError(error, 'StoreInUse')) throw keysMissing(configuration)
    throw error
  })
  // What a store waits for, such as the next change, does not keep a process alive.
  const alive = setInterval(() => {}, LONG_MS)
  try {
    yield* command.run(store)
  } finally {
    clearInterval(alive)
    await store.close()
  }
}

async function open(configuration: Configuration): Promise<OpenStore> {
  // Most commands need no store, and loading it takes longer than they do.
  const { openStore } = await import('../app/compose.ts')
  const { createLog } = await import('../base/log.ts')
  const log = createLog({ level: configuration.logLevel })
  return openStore(configuration, {
    clock: systemClock,
    random: systemRandom,
    log,
    mustExist: true,
  })
}

/** A server that was killed leaves its address behind. */
export function isNobodyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

/** Opening a store makes its folder, which nobody wants who has mistyped its name. */
async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() === true) return
  throw new ConfigurationError(
    `There is no folder ${folder}. Name it by --folder or COFFER_FOLDER.`,
  )
}

function keysMissing({ folder }: Configuration): ConfigurationError {
  return new ConfigurationError(
    `A server runs on ${folder} with keys that are not kept there. Set COFFER_ROOT_USER and ` +
      'COFFER_ROOT_PASSWORD to them.',
  )
}
