// One recording: the server under load on a recorded volume, with the ledger of what it
// acknowledged and when.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLedger } from '../load/ledger.ts'
import type { Ledger } from '../load/ledger.ts'
import { prepareBuckets, runMixedLoad } from '../load/mixed-load.ts'
import type { ServerOptions } from '../load/server-process.ts'
import { readNames } from './strict-names.ts'
import type { NameEvent } from './strict-names.ts'
import { mountRecorded } from './volume.ts'
import type { RecordedVolume } from './volume.ts'
import { withServer } from './with-server.ts'

export type RecordingOptions = {
  /** An empty folder for the recording's files. */
  readonly folder: string
  readonly main: string
  readonly seed: number
  /** How many acknowledged requests it holds at least. */
  readonly states: number
  /**
   * How many workers write at once, phase by phase; between phases the server is killed and started
   * anew.
   */
  readonly phases: readonly number[]
}

export type Recording = {
  readonly ledger: Ledger
  readonly log: string
  readonly base: string
  /** What happened to names of files and folders. */
  readonly names: readonly NameEvent[]
  /** The length of the log when the load ended. */
  readonly end: number
}

const STORE_FOLDER = 'store'
/** How long a kill comes before the end of a phase, in which requests are under way. */
const KILL_AFTER_MS = 15

/** Where the store lies on a volume. */
export function storeFolder({ folder }: { readonly folder: string }): string {
  return join(folder, STORE_FOLDER)
}

export async function record(options: RecordingOptions): Promise<Recording> {
  const volume = await mountRecorded(options.folder)
  const ledger = createLedger(volume.position)
  try {
    for (const phase of options.phases.keys()) await runPhase(options, { volume, ledger, phase })
    const { log, base, names, position } = volume
    return { ledger, log, base, names: readNames(names), end: position() }
  } finally {
    await volume.unmount()
  }
}

/** What makes a server note the names that it makes. */
function watched({
  folder,
  log,
  names,
}: RecordedVolume): Pick<ServerOptions, 'preload' | 'environment'> {
  const environment = {
    POWER_WATCH_VOLUME: folder,
    POWER_WATCH_DEVICE: log,
    POWER_WATCH_NAMES: names,
  }
  return { preload: join(import.meta.dirname, 'watch-server.ts'), environment }
}

async function runPhase(
  { main, seed, states, phases }: RecordingOptions,
  {
    volume,
    ledger,
    phase,
  }: { readonly volume: RecordedVolume; readonly ledger: Ledger; readonly phase: number },
): Promise<void> {
  const workers = phases[phase] ?? 1
  const options = { folder: storeFolder(volume), main, connections: workers, ...watched(volume) }
  await withServer(options, async ({ server: { client }, kill }) => {
    if (phase === 0) await prepareBuckets(client, ledger)
    const load = { client, ledger, workers, seed: seed * 31 + phase }
    const result = await runMixedLoad({ ...load, states: Math.ceil(states / phases.length) })
    const [refusal] = result.refusals
    if (refusal !== undefined) throw refusal
    const cutOff = runMixedLoad({ ...load, seed: seed * 31 + phase + 7, states })
    await sleep(KILL_AFTER_MS)
    await kill()
    await cutOff
  })
}
