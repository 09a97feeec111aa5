// One job against one server, and what the server used meanwhile.
import type { RunningContestant } from './contestants.ts'
import type { Job } from './generator/generate.ts'
import type { Measured } from './generator/load.ts'
import type { Generator } from './generator-process.ts'
import { readProcessFigures, watchMemory } from './process-figures.ts'

/** What is absent is not ours to look at: the server runs elsewhere. */
export type Round = Measured & {
  readonly serverCpuSeconds?: number
  /** The highest while the load lasted. */
  readonly rssAnonBytes?: number
}

export type Task = Omit<Job, 'target'>

type Parties = { readonly server: RunningContestant; readonly generator: Generator }

export async function measureJob(task: Task, { server, generator }: Parties): Promise<Round> {
  const memory = watchMemory(server.pid)
  let before: number | undefined
  let after: number | undefined
  const pauses = {
    filled: async () => void (before = await cpuOf(server)),
    measured: async () => void (after = await cpuOf(server)),
  }
  const running = generator.run({ ...task, target: server.keys }, pauses)
  const rssAnonBytes = await running.then(memory.stop, memory.stop)
  return {
    ...(await running),
    ...(before !== undefined && after !== undefined && { serverCpuSeconds: after - before }),
    ...(rssAnonBytes !== undefined && { rssAnonBytes }),
  }
}

async function cpuOf({ pid }: RunningContestant): Promise<number | undefined> {
  return pid === undefined ? undefined : (await readProcessFigures(pid))?.cpuSeconds
}
