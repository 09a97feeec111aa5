// The load generator, a process of its own. Its parent gives it jobs and is told when the bucket is
// filled, when the clock has stopped, and when what was answered has been looked at.
import { findMistake } from './answer.ts'
import { addressOf, type Connection, openConnection } from './connection.ts'
import { applyLoad, type Measured, signAhead, type Timing } from './load.ts'
import type { S3Request } from './s3-request.ts'
import { createSigner, type S3Keys, type Sign } from './signed-request.ts'
import { headUploaded, prepareUpload, type Upload } from './upload.ts'
import { makeWorkload, type Where, type WorkloadName } from './workloads.ts'

export type Job = Timing &
  Where & {
    readonly target: S3Keys
    readonly workload: WorkloadName
    readonly connections: number
    /** What a workload reads is stored first, unless an earlier job did. */
    readonly isFilled: boolean
  }

/** After `filled` and `measured` the generator waits for a message. */
export type JobReply =
  | { readonly kind: 'filled' }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'looked-at' }
  | { readonly kind: 'failed'; readonly failure: string }

const FILL_CONNECTIONS = 32

if (import.meta.main) await serveJobs()

/** Until the parent is gone: then no message comes, and nothing is left to wait for. */
async function serveJobs(): Promise<void> {
  for (;;) {
    const job = await nextMessage<Job>()
    await run(job).catch((error: unknown) => tell({ kind: 'failed', failure: messageOf(error) }))
  }
}

type Steps = {
  readonly before: readonly S3Request[]
  readonly measure: (connections: readonly Connection[]) => Promise<Measured>
  readonly after: (measured: Measured) => readonly S3Request[]
}

async function run(job: Job): Promise<void> {
  const sign = createSigner(job.target)
  const steps = prepare(job, sign)
  if (!job.isFilled) await ask(steps.before, { ...job, connections: FILL_CONNECTIONS })
  // Only now, since servers close connections that say nothing for a while.
  const connections = await openConnections(job)
  // What earlier jobs left is not collected in this one's time.
  globalThis.gc?.()
  await tellAndWait({ kind: 'filled' })
  const measured = await steps.measure(connections)
  for (const connection of connections) connection.close()
  await tellAndWait({ kind: 'measured', measured })
  await ask(steps.after(measured), job)
  tell({ kind: 'looked-at' })
}

function prepare({ workload: name, ...job }: Job, sign: Sign): Steps {
  if (name.kind === 'multipart') {
    const upload: Upload = { ...name, path: `/${job.bucket}/${job.prefix}upload` }
    const measure = prepareUpload(upload, sign)
    return { before: [], measure, after: () => [headUploaded(upload)] }
  }
  const workload = makeWorkload(name, job)
  const supply = signAhead(workload, sign)
  return {
    before: workload.before,
    measure: (connections) =>
      applyLoad(connections, { supply, count: workload.count, timing: job }),
    after: ({ asked }) => workload.after(asked),
  }
}

type Crew = { readonly target: S3Keys; readonly connections: number }

/** Each request once, over so many connections. */
async function ask(requests: readonly S3Request[], crew: Crew): Promise<void> {
  const sign = createSigner(crew.target)
  let taken = 0
  const askOver = async (connection: Connection): Promise<void> => {
    for (let request = requests[taken++]; request; request = requests[taken++]) {
      const mistake = findMistake(request, await connection.send(sign(request)))
      if (mistake !== undefined) throw new Error(mistake)
    }
    connection.close()
  }
  await Promise.all((await openConnections(crew)).map(askOver))
}

function openConnections({ target, connections }: Crew): Promise<readonly Connection[]> {
  const address = addressOf(target.url)
  return Promise.all(Array.from({ length: connections }, () => openConnection(address)))
}

function tell(reply: JobReply): void {
  process.send?.(reply)
}

async function tellAndWait(reply: JobReply): Promise<void> {
  const goOn = nextMessage<string>()
  tell(reply)
  await goOn
}

/** The parent speaks only when it is its turn, so that what comes is what is waited for. */
function nextMessage<Message>(): Promise<Message> {
  return new Promise((resolve) => process.once('message', (message: Message) => resolve(message)))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
