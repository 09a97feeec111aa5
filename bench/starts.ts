// From the start of a program to its first answer, and what it holds when nobody asks anything.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import type { Contestant } from './contestants.ts'
import { readProcessFigures } from './process-figures.ts'
import type { StartFigures } from './results.ts'
import { inTurn } from './rounds.ts'

/** Long enough for what a server does by itself after its start. */
export const REST_MS = 2000

type Start = { readonly firstMs: number; readonly againMs: number; readonly rssAnonBytes: number }

export async function measureStarts(
  contestants: readonly Contestant[],
  { folder, rounds }: { readonly folder: string; readonly rounds: number },
): Promise<readonly StartFigures[]> {
  const ours = contestants.filter(({ isOurs }) => isOurs)
  const found = new Map<string, Start[]>(ours.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of inTurn(ours, round)) {
      const start = await startTwice(contestant, join(folder, `start-${contestant.name}`))
      found.get(contestant.name)?.push(start)
      const { firstMs, againMs, rssAnonBytes } = start
      process.stdout.write(
        `start · ${contestant.name} · ${firstMs.toFixed(0)} ms, again ${againMs.toFixed(0)} ms, ` +
          `at rest ${(rssAnonBytes / 1e6).toFixed(0)} MB\n`,
      )
    }
  }
  return [...found].map(([contestant, starts]) => ({
    contestant,
    firstMs: starts.map(({ firstMs }) => firstMs),
    againMs: starts.map(({ againMs }) => againMs),
    rssAnonBytes: starts.map(({ rssAnonBytes }) => rssAnonBytes),
  }))
}

async function startTwice(contestant: Contestant, folder: string): Promise<Start> {
  const first = await contestant.start(folder)
  await rest(REST_MS)
  const figures = first.pid === undefined ? undefined : await readProcessFigures(first.pid)
  await first.stop()
  const again = await contestant.start(folder)
  await again.stop()
  await rm(folder, { recursive: true, force: true })
  return {
    firstMs: first.startMs ?? NaN,
    againMs: again.startMs ?? NaN,
    rssAnonBytes: figures?.rssAnonBytes ?? NaN,
  }
}
