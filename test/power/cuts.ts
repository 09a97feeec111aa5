// Cuts the power of a recording at many positions and checks the store after each.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkLedger } from '../load/check-ledger.ts'
import type { Finding } from '../load/check-ledger.ts'
import { wasApplied } from '../load/ledger.ts'
import { seededRandom } from '../load/seeded.ts'
import { ServerDidNotStart } from '../load/server-process.ts'
import { storeFolder } from './recording.ts'
import type { Recording } from './recording.ts'
import { REMAINDERS, openReplay } from './replay.ts'
import type { Remainder } from './replay.ts'
import { loseNames } from './strict-names.ts'
import { bootAnew, mountImage } from './volume.ts'
import { withServer } from './with-server.ts'
import { readLog } from './write-log.ts'

export type Cut = {
  /** How much of the log the disk had received. */
  readonly position: number
  /** True when it falls right after an answer, where a missing flush shows. */
  readonly afterAnswer: boolean
  readonly remainder: Remainder
  /** True when the whole machine went off, false when only its disk did: then the boot id stays. */
  readonly isReboot: boolean
  readonly seed: number
}

export type CutFinding = Omit<Finding, 'kind'> & {
  /** `unopened`: the server did not start on what was left. */
  readonly kind: Finding['kind'] | 'unopened'
}

export type CutResult = {
  readonly cut: Cut
  /** Acknowledged requests that the check insisted on. */
  readonly acknowledged: number
  readonly versionsRead: number
  readonly bytesRead: number
  readonly findings: readonly CutFinding[]
}

/**
 * One cut at the end, so that everything acknowledged is insisted on once; of the others half right
 * after an answer, half anywhere. In rising order, as they are replayed.
 */
export function chooseCuts(
  recording: Recording,
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly Cut[] {
  const random = seededRandom(seed)
  const anywhere = readLog(recording.log)
    .map(({ end }) => end)
    .filter((end) => end <= recording.end)
    .toArray()
  const answers = [...recording.ledger.histories.values()]
    .flatMap(({ entries }) => entries)
    .filter((entry) => wasApplied(entry, recording.end))
    .map(({ answer }) => answer?.position ?? 0)
  return Array.from({ length: count }, (_, place) => {
    const afterAnswer = place % 2 === 0
    const chosen = random.pick(afterAnswer ? answers : anywhere)
    const position = place === 0 ? recording.end : chosen
    const remainder = REMAINDERS[Math.floor(place / 2) % REMAINDERS.length] ?? 'none'
    const isReboot = Math.floor(place / 6) % 2 === 0
    return { position, afterAnswer, remainder, isReboot, seed: random.below(2 ** 31) }
  }).toSorted((one, other) => one.position - other.position)
}

/** Replays the cuts one by one. */
export async function* checkCuts(
  recording: Recording,
  { cuts, folder, main }: { cuts: readonly Cut[]; folder: string; main: string },
): AsyncGenerator<CutResult> {
  const replay = await openReplay(recording, folder)
  try {
    for (const cut of cuts) {
      const image = await replay.imageAt(cut)
      yield { cut, ...(await checkImage(recording, { cut, image, folder, main })) }
      await rm(image)
    }
  } finally {
    replay.close()
  }
}

type ImageCheck = {
  readonly cut: Cut
  readonly image: string
  readonly folder: string
  readonly main: string
}

async function checkImage(
  { ledger, names }: Recording,
  { cut, image, folder, main }: ImageCheck,
): Promise<Omit<CutResult, 'cut'>> {
  const nothing = { acknowledged: 0, versionsRead: 0, bytesRead: 0 }
  // No power is cut during the check, so flushes would only cost time.
  const options = ['barrier=0', 'noatime']
  const volume = await mountImage(image, { folder: join(folder, 'checked'), options })
  try {
    await loseNames(volume.folder, { events: names, position: cut.position })
    const reboot = cut.isReboot ? { runBy: await bootAnew(folder) } : {}
    const server = { folder: storeFolder(volume), main, ...reboot }
    return await withServer(server, (running) => {
      return checkLedger({ client: running.server.client, ledger, position: cut.position })
    })
  } catch (cause) {
    if (!(cause instanceof ServerDidNotStart)) throw cause
    return { ...nothing, findings: [{ kind: 'unopened', name: 'server', detail: cause.message }] }
  } finally {
    await volume.unmount()
  }
}
