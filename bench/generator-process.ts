// The generator's process, as its parent sees it.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Job, JobReply } from './generator/generate.ts'
import type { Measured } from './generator/load.ts'

export type Generator = {
  /** One job at a time. Before and after its clock runs, the generator waits for `pauses`. */
  run(job: Job, pauses: Pauses): Promise<Measured>
  stop(): void
}

export type Pauses = {
  readonly filled: () => Promise<void>
  readonly measured: () => Promise<void>
}

const PROGRAM = join(import.meta.dirname, 'generator/generate.ts')

/** Beyond what the clock takes: to fill, to end, to look at what is there. */
const PATIENCE_MS = 180_000

/**
 * One process for all jobs, so that its code is compiled by the time it counts. A job that fails
 * takes the process with it; the next one gets another.
 */
export function openGenerator(): Generator {
  let child: ChildProcess | undefined
  const stop = (): void => {
    child?.removeAllListeners('exit')
    child?.kill('SIGKILL')
    child = undefined
  }
  return {
    async run(job, pauses) {
      child ??= fork(PROGRAM, { execArgv: ['--expose-gc'] })
      try {
        return await converse(child, { job, pauses })
      } catch (error) {
        stop()
        throw error
      }
    },
    stop,
  }
}

type Conversation = { readonly job: Job; readonly pauses: Pauses }

function converse(child: ChildProcess, { job, pauses }: Conversation): Promise<Measured> {
  const { promise, resolve, reject } = Promise.withResolvers<Measured>()
  const limitMs = (job.warmUpSeconds + job.seconds) * 1000 + PATIENCE_MS
  const timer = setTimeout(() => reject(new Error('The generator took too long.')), limitMs)
  let measured: Measured | undefined
  const hear = (reply: JobReply): void => {
    if (reply.kind === 'failed') return reject(new Error(reply.failure))
    if (reply.kind === 'looked-at') {
      return measured ? resolve(measured) : reject(new Error('Nothing was measured.'))
    }
    if (reply.kind === 'measured') measured = reply.measured
    pauses[reply.kind]().then(() => child.send('go on'), reject)
  }
  const leave = (code: number | null): void =>
    reject(new Error(`The generator ended with ${String(code)}.`))
  child.on('message', hear)
  child.once('exit', leave)
  child.send(job)
  return promise.finally(() => {
    clearTimeout(timer)
    child.removeListener('message', hear)
    child.removeListener('exit', leave)
  })
}
