// Keeps connections busy for a while, and counts what was answered within it.
import { createHistogram } from 'node:perf_hooks'
import { findMistake } from './answer.ts'
import type { Connection, RawRequest } from './connection.ts'
import type { Reply } from './reply-reader.ts'
import type { S3Request } from './s3-request.ts'
import type { Sign } from './signed-request.ts'
import { sizeOf } from './payload.ts'
import type { Workload } from './workloads.ts'

export type Measured = {
  /** In fractions: a request counts by the part of its time that lies between start and end. */
  readonly operations: number
  readonly bytes: number
  readonly seconds: number
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number }
  /** How many were asked in all, the warm-up included: what used CPU time. */
  readonly asked: number
  /** What the generator itself used for all of them. */
  readonly generatorCpuSeconds: number
}

export type Timing = { readonly warmUpSeconds: number; readonly seconds: number }

type SignedRequest = { readonly request: S3Request; readonly raw: RawRequest }

/** Gives the request of a number, signed. */
export type Supply = (number: number) => SignedRequest

const AHEAD_MS = 600
const AHEAD_REQUESTS = 60_000

/**
 * As much as possible is signed before the clock starts: signing costs more than sending, and the
 * servers have the same cores.
 */
export function signAhead(workload: Workload, sign: Sign): Supply {
  const known = new Map(
    workload.repeated.map((request) => [request, { request, raw: sign(request) }]),
  )
  const supply = (number: number): SignedRequest => {
    const request = workload.next(number)
    return known.get(request) ?? { request, raw: sign(request) }
  }
  const ahead: SignedRequest[] = []
  const wanted = Math.min(AHEAD_REQUESTS, workload.count ?? Infinity)
  const deadline = performance.now() + AHEAD_MS
  while (ahead.length < wanted && performance.now() < deadline) ahead.push(supply(ahead.length))
  return (number) => ahead[number] ?? supply(number)
}

/** A part of what there is to ask, before the clock starts, where its end would come too soon. */
const WARM_UP_PART = 0.1

export async function applyLoad(
  connections: readonly Connection[],
  { supply, count, timing }: Load,
): Promise<Measured> {
  const window = openWindow({ count, timing })
  const tally = openTally(window)
  let asked = 0
  const keepBusy = async (connection: Connection): Promise<void> => {
    for (;;) {
      const sentAt = performance.now()
      if (!window.isOpen(sentAt, asked)) return
      const { request, raw } = supply(asked++)
      const reply = await connection.send(raw)
      const mistake = findMistake(request, reply)
      if (mistake !== undefined) throw new Error(mistake)
      tally.add({ sentAt, answeredAt: performance.now(), bytes: bytesOf(request, reply) })
    }
  }
  const cpuBefore = process.cpuUsage()
  await Promise.all(connections.map(keepBusy))
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ...tally.total(), asked, generatorCpuSeconds: (user + system) / 1e6 }
}

export type Load = {
  readonly supply: Supply
  readonly count?: number | undefined
  readonly timing: Timing
}

function bytesOf({ payload }: S3Request, { bodyBytes }: Reply): number {
  return bodyBytes + (payload === undefined ? 0 : sizeOf(payload))
}

type Window = {
  readonly beganAt: number
  readonly endsAt: number
  /** Whether another request may be sent; the last one that was asked for ends it. */
  isOpen(now: number, asked: number): boolean
}

function openWindow({ count, timing }: Omit<Load, 'supply'>): Window {
  const now = performance.now()
  const warmUp = count === undefined ? 0 : Math.floor(count * WARM_UP_PART)
  const window = {
    beganAt: count === undefined ? now + timing.warmUpSeconds * 1000 : Infinity,
    endsAt: count === undefined ? now + (timing.warmUpSeconds + timing.seconds) * 1000 : Infinity,
    isOpen(at: number, asked: number): boolean {
      if (count === undefined) return at < window.endsAt
      if (asked === warmUp) window.beganAt = at
      if (asked === count) window.endsAt = Math.min(window.endsAt, at)
      return asked < count
    },
  }
  return window
}

type Answered = { readonly sentAt: number; readonly answeredAt: number; readonly bytes: number }

type Tally = {
  add(answered: Answered): void
  total(): Pick<Measured, 'operations' | 'bytes' | 'seconds' | 'latency'>
}

function openTally(window: Window): Tally {
  const latency = createHistogram()
  let operations = 0
  let bytes = 0
  return {
    add(answered) {
      const { sentAt, answeredAt } = answered
      const within = Math.min(answeredAt, window.endsAt) - Math.max(sentAt, window.beganAt)
      if (within <= 0) return
      const part = within / (answeredAt - sentAt)
      operations += part
      bytes += answered.bytes * part
      latency.record(Math.max(1, Math.round((answeredAt - sentAt) * 1e6)))
    },
    total: () => ({
      operations,
      bytes,
      seconds: (window.endsAt - window.beganAt) / 1000,
      latency: {
        p50: latency.percentile(50) / 1e6,
        p99: latency.percentile(99) / 1e6,
        max: latency.max / 1e6,
      },
    }),
  }
}
