// One scenario against one server: a bucket of its own, a generator process of its own.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { RunningContestant } from './contestants.ts'
import { openConnection } from './generator/connection.ts'
import type { Job, JobReply, Measured } from './generator/generate.ts'
import { createSigner } from './generator/signed-request.ts'
import { type ProcessFigures, readProcessFigures } from './process-figures.ts'
import type { Scenario } from './scenarios.ts'

export type Round = Measured & {
  /** Absent for servers whose process is not ours to look at. */
  readonly serverCpuSeconds?: number
  readonly rssAnonBytes?: number
}

export type Timing = { readonly warmUpSeconds: number; readonly seconds: number }

export async function measureScenario(
  server: RunningContestant,
  scenario: Scenario,
  { timing, round }: { readonly timing: Timing; readonly round: number },
): Promise<Round> {
  const bucket = `bench-${round}-${scenario.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
  await createBucket(server, bucket)
  const { workload, connections } = scenario
  const job = { target: server.keys, bucket, workload, connections, ...timing }
  let before: ProcessFigures | undefined
  const measured = await generate(job, async () => (before = await figuresOf(server)))
  const after = await figuresOf(server)
  return {
    ...measured,
    ...(before && after && { serverCpuSeconds: after.cpuSeconds - before.cpuSeconds }),
    ...(after && { rssAnonBytes: after.rssAnonBytes }),
  }
}

function figuresOf({ pid }: RunningContestant): Promise<ProcessFigures | undefined> {
  return pid === undefined ? Promise.resolve(undefined) : readProcessFigures(pid)
}

async function createBucket({ keys }: RunningContestant, bucket: string): Promise<void> {
  const { hostname, port } = new URL(keys.url)
  const connection = await openConnection({ hostname, port: Number(port) })
  const sign = createSigner(keys)
  const { status } = await connection.send(sign({ method: 'PUT', path: `/${bucket}` }))
  connection.close()
  if (status !== 200) throw new Error(`The bucket ${bucket} was refused with ${status}.`)
}

const GENERATOR = join(import.meta.dirname, 'generator/generate.ts')

/** What a generator measured; `onFilled` is called when it is about to start its clock. */
function generate(job: Job, onFilled: () => Promise<unknown>): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(GENERATOR)
    child.once('exit', (code) => reject(new Error(`The generator ended with ${code}.`)))
    child.on('message', (reply: JobReply) => {
      if (reply.kind === 'filled') return void onFilled().then(() => child.send('go'), reject)
      child.removeAllListeners('exit')
      child.kill()
      if (reply.kind === 'measured') resolve(reply.measured)
      else reject(new Error(reply.failure))
    })
    child.send(job)
  })
}
