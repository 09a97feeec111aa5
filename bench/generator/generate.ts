// The load generator, a process of its own: it takes jobs from its parent and answers each with
// what it measured. Its CPU time is part of the answer, since it shares the machine.
import { createHistogram } from 'node:perf_hooks'
import { type Connection, openConnection } from './connection.ts'
import { createSigner, type S3Keys, type S3Request, type Sign } from './signed-request.ts'
import { makeWorkload, type Workload, type WorkloadName } from './workloads.ts'

export type Job = {
  readonly target: S3Keys
  readonly bucket: string
  readonly workload: WorkloadName
  readonly connections: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

export type Measured = {
  readonly operations: number
  readonly bytes: number
  readonly seconds: number
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number }
  /** What the generator itself used. */
  readonly generatorCpuSeconds: number
}

/** `filled` asks for another message, after which the clock starts. */
export type JobReply =
  | { readonly kind: 'filled' }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly failure: string }

const FILL_CONNECTIONS = 32

process.once('message', (job: Job) => {
  void run(job).then(
    (measured) => tell({ kind: 'measured', measured }),
    (error: unknown) => tell({ kind: 'failed', failure: String(error) }),
  )
})

function tell(reply: JobReply): void {
  process.send?.(reply)
}

async function run(job: Job): Promise<Measured> {
  const workload = makeWorkload(job.bucket, job.workload)
  const sign = createSigner(job.target)
  await withConnections(job.target, FILL_CONNECTIONS, (connections) =>
    fillBucket(workload.before, { connections, sign }),
  )
  tell({ kind: 'filled' })
  await new Promise((resolve) => process.once('message', resolve))
  return withConnections(job.target, job.connections, (connections) =>
    measure(workload, { job, connections, sign }),
  )
}

type Source = { readonly connections: readonly Connection[]; readonly sign: Sign }

async function fillBucket(
  requests: readonly S3Request[],
  { connections, sign }: Source,
): Promise<void> {
  let at = 0
  const fill = async (connection: Connection): Promise<void> => {
    for (let request = requests[at++]; request !== undefined; request = requests[at++]) {
      await exchange(request, { connection, sign })
    }
  }
  await Promise.all(connections.map(fill))
}

async function measure(
  workload: Workload,
  { job, connections, sign }: Source & { readonly job: Job },
): Promise<Measured> {
  const latency = createHistogram()
  let number = 0
  let bytes = 0
  const began = performance.now() + job.warmUpSeconds * 1000
  const ends = began + job.seconds * 1000
  let endedAt = began
  let cpuBefore: NodeJS.CpuUsage | undefined
  const load = async (connection: Connection): Promise<void> => {
    for (;;) {
      const request = performance.now() < ends ? workload.next(number++) : undefined
      if (request === undefined) return
      const sentAt = performance.now()
      const bodyBytes = await exchange(request, { connection, sign })
      const answeredAt = performance.now()
      if (sentAt < began) continue
      cpuBefore ??= process.cpuUsage()
      latency.record(Math.max(1, Math.round((answeredAt - sentAt) * 1e6)))
      bytes += bodyBytes + (request.payload?.bytes.length ?? 0)
      endedAt = Math.max(endedAt, answeredAt)
    }
  }
  await Promise.all(connections.map(load))
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    operations: latency.count,
    bytes,
    seconds: (endedAt - began) / 1000,
    latency: {
      p50: latency.percentile(50) / 1e6,
      p99: latency.percentile(99) / 1e6,
      max: latency.max / 1e6,
    },
    generatorCpuSeconds: (user + system) / 1e6,
  }
}

type Way = { readonly connection: Connection; readonly sign: Sign }

/** Sends a request; whatever is not a success ends the run, since it would be fast and wrong. */
async function exchange(request: S3Request, { connection, sign }: Way): Promise<number> {
  const { status, bodyBytes, body } = await connection.send(sign(request))
  if (status >= 200 && status < 300) return bodyBytes
  throw new Error(`${request.method} ${request.path} was answered ${status} ${body}`)
}

async function withConnections<Value>(
  { url }: S3Keys,
  count: number,
  use: (connections: readonly Connection[]) => Promise<Value>,
): Promise<Value> {
  const { hostname, port } = new URL(url)
  const address = { hostname, port: Number(port) }
  const connections = await Promise.all(
    Array.from({ length: count }, () => openConnection(address)),
  )
  try {
    return await use(connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}
