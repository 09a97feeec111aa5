// Overwrites and deletes over a bounded set of keys, and what of it was heard in each minute.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { openCaller, type S3Caller } from '../generator/caller.ts'
import { makePayloads, type Payload, sizeOf } from '../generator/payload.ts'
import type { S3Keys } from '../generator/signed-request.ts'

export type ChurnPlan = {
  readonly bucket: string
  readonly liveBytes: number
  readonly largestBytes: number
  readonly connections: number
}

/** The way of a body into the store decides how long a write takes. */
export type SizeClass = 'up to 4 KiB' | 'up to 256 KiB' | 'larger'

const KIB = 1024
/** @see src/storage/disk/bodies/small-body.ts */
export const SIZE_CLASSES: readonly { readonly name: SizeClass; readonly upTo: number }[] = [
  { name: 'up to 4 KiB', upTo: 4 * KIB },
  { name: 'up to 256 KiB', upTo: 256 * KIB },
  { name: 'larger', upTo: Number.POSITIVE_INFINITY },
]

export type Sample = {
  readonly writes: number
  readonly bytes: number
  readonly latency: Readonly<Partial<Record<SizeClass, WriteLatency>>>
}

export type WriteLatency = {
  readonly medianMs: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export type ChurnLoad = {
  /** Every key has been written once. */
  fill(): Promise<void>
  /** Writes until `stop`; rejects at the first write that is refused. */
  run(): Promise<void>
  /** What was written since the last sample. */
  sample(): Sample
  liveBytes(): number
  stop(): void
}

const SMALLEST_BYTES = KIB
const SIZES = 64
/** Of ten writes, so many delete. */
const DELETES = 1
const SEED = 20_261_121

export async function openChurnLoad(keys: S3Keys, plan: ChurnPlan): Promise<ChurnLoad> {
  const payloads = payloadsUpTo(plan.largestBytes)
  const meanBytes = payloads.reduce((sum, payload) => sum + sizeOf(payload), 0) / payloads.length
  const live = new Map<string, number>()
  const count = Math.ceil(plan.liveBytes / meanBytes)
  const random = createRandom(SEED)
  const callers = await Promise.all(
    Array.from({ length: plan.connections }, () => openCaller(keys)),
  )
  let liveBytes = 0
  let tally = openTally()
  const stopping = new AbortController()

  const put = async (caller: S3Caller, path: string): Promise<void> => {
    const payload = pick(payloads, random)
    const before = performance.now()
    await caller.ask({ method: 'PUT', path, payload })
    tally.add(sizeOf(payload), performance.now() - before)
    liveBytes += sizeOf(payload) - (live.get(path) ?? 0)
    live.set(path, sizeOf(payload))
  }
  const remove = async (caller: S3Caller, path: string): Promise<void> => {
    await caller.ask({ method: 'DELETE', path, answer: { status: 204 } })
    liveBytes -= live.get(path) ?? 0
    live.delete(path)
  }
  /** Each connection has keys of its own, so that the sizes of what lives are known exactly. */
  const pathOf = (number: number): string => `/${plan.bucket}/${number % 100}/${number}`
  const onAll = (act: (caller: S3Caller, place: number) => Promise<void>): Promise<unknown> =>
    Promise.all(callers.map(act))

  return {
    async fill() {
      await onAll(async (caller, place) => {
        for (let number = place; number < count; number += callers.length) {
          await put(caller, pathOf(number))
        }
      })
      tally = openTally()
    },
    async run() {
      const each = Math.floor(count / callers.length)
      await onAll(async (caller, place) => {
        while (!stopping.signal.aborted) {
          const path = pathOf(Math.floor(random() * each) * callers.length + place)
          await (random() * 10 < DELETES ? remove : put)(caller, path)
        }
      })
      for (const caller of callers) caller.close()
    },
    sample() {
      const sample = tally.total()
      tally = openTally()
      return sample
    },
    liveBytes: () => liveBytes,
    stop() {
      stopping.abort()
    },
  }
}

/** As many small ones as large ones: each doubling of the size is as likely as any other. */
function payloadsUpTo(largestBytes: number): readonly Payload[] {
  const doublings = Math.log2(largestBytes / SMALLEST_BYTES)
  return Array.from({ length: SIZES }, (_, at) => {
    const sizeBytes = Math.round(SMALLEST_BYTES * 2 ** ((doublings * at) / (SIZES - 1)))
    return makePayloads(1, sizeBytes)[0]!
  })
}

function openTally(): { add(sizeBytes: number, ms: number): void; total(): Sample } {
  const histograms = new Map<SizeClass, RecordableHistogram>()
  let writes = 0
  let bytes = 0
  return {
    add(sizeBytes, ms) {
      writes += 1
      bytes += sizeBytes
      const name = SIZE_CLASSES.find(({ upTo }) => sizeBytes <= upTo)!.name
      const histogram = histograms.get(name) ?? createHistogram()
      histograms.set(name, histogram)
      histogram.record(Math.max(1, Math.round(ms * 1e6)))
    },
    total: () => ({
      writes,
      bytes,
      latency: Object.fromEntries([...histograms].map(([name, found]) => [name, describe(found)])),
    }),
  }
}

function describe(histogram: RecordableHistogram): WriteLatency {
  const at = (percentile: number): number => histogram.percentile(percentile) / 1e6
  return { medianMs: at(50), p95Ms: at(95), p99Ms: at(99), maxMs: histogram.max / 1e6 }
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)]!
}

/** The same numbers in every run. @see Marsaglia, "Xorshift RNGs" */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
