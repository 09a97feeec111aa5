// A seeded, mixed load that keeps an exact ledger. Each worker owns its keys and has one request
// under way.
import { isSettled, nameOf, versionsAfter, wasApplied } from './ledger.ts'
import type {
  Entry,
  ExpectedVersion,
  Feature,
  KeyHistory,
  Ledger,
  UploadEntry,
  Versioning,
} from './ledger.ts'
import { bodyFrom, contentFrom, seededRandom } from './seeded.ts'
import type { BodySeed, SeededRandom } from './seeded.ts'
import {
  S3Refusal,
  beginUpload,
  completeUpload,
  copyObject,
  createBucket,
  deleteObject,
  deleteObjects,
  putObject,
  putPart,
  putVersioning,
} from './s3-calls.ts'
import type { Written, WrittenPart } from './s3-calls.ts'
import type { S3Client } from './s3-client.ts'

export type LoadOptions = {
  readonly client: S3Client
  readonly ledger: Ledger
  readonly seed: number
  readonly workers: number
  /** Stops after so many requests were acknowledged. */
  readonly states: number
  readonly signal?: AbortSignal
}

export type LoadResult = {
  /** Requests that the server refused although nothing was wrong with them. */
  readonly refusals: readonly S3Refusal[]
  /** How many workers ended because their connection broke. */
  readonly disconnected: number
}

const SMALL_BODY_LIMIT = 4 * 1024
const SEGMENT_BODY_LIMIT = 256 * 1024
const FILE_BODY_LIMIT = 512 * 1024
const MAX_PICKS = 24
const MIN_PART_SIZE = 5 * 1024 * 1024
const BUCKETS: Readonly<Record<string, Versioning>> = {
  plain: 'unversioned',
  kept: 'enabled',
  paused: 'suspended',
}
const KEY_ENDINGS = ['', '/part', '//twice', '/../up', ' a+b%41', '-é', '-𝄞', '/.hidden', "-'q"]

type Worker = {
  readonly id: number
  readonly random: SeededRandom
  readonly options: LoadOptions
  readonly progress: Progress
  /** Those it wrote; nobody else does. */
  readonly keys: KeyHistory[]
}

type Progress = { acknowledged: number; refusals: S3Refusal[]; disconnected: number }

/**
 * Creates the buckets of the load: one unversioned, one versioned, one with versioning suspended.
 */
export async function prepareBuckets(client: S3Client, ledger: Ledger): Promise<void> {
  for (const [bucket, versioning] of Object.entries(BUCKETS)) {
    const entry = { bucket, versioning, startPosition: ledger.position() }
    ledger.buckets.push(entry)
    await createBucket(client, bucket)
    if (versioning !== 'unversioned') await putVersioning(client, { bucket, status: 'Enabled' })
    if (versioning === 'suspended') await putVersioning(client, { bucket, status: 'Suspended' })
    Object.assign(entry, { answerPosition: ledger.position() })
  }
}

/**
 * Runs until enough was acknowledged, the signal says so, or the server is gone; never rejects for
 * those.
 */
export async function runMixedLoad(options: LoadOptions): Promise<LoadResult> {
  const progress: Progress = { acknowledged: 0, refusals: [], disconnected: 0 }
  const workers = Array.from({ length: options.workers }, (_, id): Worker => {
    const keys = options.ledger.histories
      .values()
      .filter(({ owner }) => owner === id)
      .toArray()
    return { id, random: seededRandom(options.seed * 1009 + id), options, progress, keys }
  })
  await Promise.all(workers.map(runWorker))
  return progress
}

async function runWorker(worker: Worker): Promise<void> {
  const { progress, options } = worker
  while (progress.acknowledged < options.states && options.signal?.aborted !== true) {
    try {
      await step(worker)
    } catch (cause) {
      if (cause instanceof S3Refusal) {
        progress.refusals.push(cause)
        if (progress.refusals.length > options.workers) return
      } else if (isDisconnection(cause)) {
        progress.disconnected += 1
        return
      } else throw cause
    }
  }
}

function isDisconnection(cause: unknown): boolean {
  if (!(cause instanceof Error && 'code' in cause)) return false
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String(cause.code))
}

const STEPS = [
  [putNew, 30],
  [overwrite, 23],
  [upload, 16],
  [remove, 13],
  [removeMany, 4],
  [removeVersion, 4],
  [copy, 6],
  [putIfAbsent, 3],
  [putIfMatching, 3],
  [leaveUploadOpen, 1],
] as const

async function step(worker: Worker): Promise<void> {
  const choices = STEPS.flatMap(([run, weight]) => Array.from({ length: weight }, () => run))
  await worker.random.pick(choices)(worker)
}

// ---- the steps

async function putNew(worker: Worker): Promise<void> {
  await put(worker, newKey(worker))
}

async function overwrite(worker: Worker): Promise<void> {
  await put(worker, existingKey(worker) ?? newKey(worker))
}

async function put(worker: Worker, history: KeyHistory): Promise<void> {
  const { seed, feature } = anyBody(worker)
  const entry = begin(worker, history, { act: 'put', features: [feature], content: [seed] })
  await settle(worker, entry, () =>
    putObject(worker.options.client, { ...history, body: bodyFrom(seed) }),
  )
}

async function putIfAbsent(worker: Worker): Promise<void> {
  const history = worker.random.chance(0.5) ? existingKey(worker) : undefined
  const { seed, feature } = anyBody(worker)
  const features: Feature[] = [feature, 'conditional']
  const entry = begin(worker, history ?? newKey(worker), { act: 'put', features, content: [seed] })
  const request = { ...entry, body: bodyFrom(seed), ifNoneMatch: '*' }
  await settle(worker, entry, () => putObject(worker.options.client, request))
}

async function putIfMatching(worker: Worker): Promise<void> {
  const history = existingKey(worker)
  if (history === undefined) return
  const ifMatch = newest(history)?.etag
  const { seed, feature } = anyBody(worker)
  const features: Feature[] = [feature, 'conditional']
  const entry = begin(worker, history, { act: 'put', features, content: [seed] })
  const request = { ...entry, body: bodyFrom(seed), ifMatch: `"${ifMatch}"` }
  await settle(worker, entry, () => putObject(worker.options.client, request))
}

async function copy(worker: Worker): Promise<void> {
  const source = existingKey(worker)
  if (source === undefined) return
  const content = newest(source)?.content ?? []
  const target = worker.random.chance(0.3) ? existingKey(worker) : undefined
  if (target === source) return
  const entry = begin(worker, target ?? newKey(worker), { act: 'put', features: ['copy'], content })
  await settle(worker, entry, () => copyObject(worker.options.client, { source, target: entry }))
}

async function remove(worker: Worker): Promise<void> {
  const history = existingKey(worker)
  if (history === undefined) return
  const entry = begin(worker, history, { act: 'delete', features: ['delete'] })
  await settle(worker, entry, () => deleteObject(worker.options.client, history))
}

async function removeVersion(worker: Worker): Promise<void> {
  const history = existingKey(worker, 'kept')
  if (history === undefined) return
  const target = worker.random.pick(versionsAfter(appliedTo(history), 'enabled')).versionId
  const entry = begin(worker, history, { act: 'delete-version', features: ['delete'], target })
  await settle(worker, entry, () =>
    deleteObject(worker.options.client, { ...history, versionId: target }),
  )
}

async function removeMany(worker: Worker): Promise<void> {
  const bucket = worker.random.pick(Object.keys(BUCKETS))
  const histories = new Set(Array.from({ length: 4 }, () => existingKey(worker, bucket)))
  const entries = [...histories]
    .filter((history) => history !== undefined)
    .map((history) => begin(worker, history, { act: 'delete', features: ['delete'] }))
  if (entries.length === 0) return
  const keys = entries.map(({ key }) => key)
  const { deleted, position } = await deleteObjects(worker.options.client, { bucket, keys })
  const answered = position ?? worker.options.ledger.position()
  for (const entry of entries) {
    const found = deleted.find(({ key }) => key === entry.key)
    if (found === undefined) continue
    const { versionId } = found
    acknowledge(worker, entry, { position: answered, refused: false, versionId })
  }
}

async function upload(worker: Worker): Promise<void> {
  const history = (worker.random.chance(0.3) ? existingKey(worker) : undefined) ?? newKey(worker)
  const { open, parts, content } = await beginWithParts(worker, history)
  open.closingPosition = worker.options.ledger.position()
  const entry = begin(worker, history, { act: 'put', features: ['multipart'], content })
  const request = { ...open, parts }
  await settle(worker, entry, () => completeUpload(worker.options.client, request))
  open.closedPosition = worker.options.ledger.position()
}

async function leaveUploadOpen(worker: Worker): Promise<void> {
  await beginWithParts(worker, newKey(worker))
}

type OpenUpload = {
  readonly open: UploadEntry
  readonly parts: readonly WrittenPart[]
  readonly content: readonly BodySeed[]
}

async function beginWithParts(worker: Worker, { bucket, key }: KeyHistory): Promise<OpenUpload> {
  const { client, ledger } = worker.options
  const uploadId = await beginUpload(client, { bucket, key })
  const begunPosition = ledger.position()
  const open: UploadEntry = { bucket, key, uploadId, begunPosition, parts: [] }
  ledger.uploads.push(open)
  const content = partSizes(worker.random).map((size) => ({ seed: newSeed(worker), size }))
  const parts: WrittenPart[] = []
  for (const [place, piece] of content.entries()) {
    const body = contentFrom([piece])
    const part = await putPart(client, { ...open, partNumber: place + 1, body })
    parts.push(part)
    open.parts.push({ ...part, position: ledger.position() })
  }
  return { open, parts, content }
}

/** One part may have any size; two cost 5 MiB, so they are few. */
function partSizes(random: SeededRandom): readonly number[] {
  const last =
    1 + random.below(random.pick([SMALL_BODY_LIMIT, SEGMENT_BODY_LIMIT, FILE_BODY_LIMIT]))
  return random.chance(0.03) ? [MIN_PART_SIZE, last] : [last]
}

// ---- keys and bodies

function newKey(worker: Worker): KeyHistory {
  const { histories } = worker.options.ledger
  const bucket = worker.random.pick(Object.keys(BUCKETS))
  const key = `${worker.id}/${histories.size}${worker.random.pick(KEY_ENDINGS)}`
  const history: KeyHistory = { bucket, key, owner: worker.id, entries: [] }
  histories.set(nameOf(history), history)
  worker.keys.push(history)
  return history
}

/**
 * A key of this worker that shows an object now. One with an unanswered request is never touched
 * again.
 */
function existingKey(worker: Worker, bucket?: string): KeyHistory | undefined {
  if (worker.keys.length === 0) return undefined
  for (let attempt = 0; attempt < MAX_PICKS; attempt += 1) {
    const history = worker.random.pick(worker.keys)
    const isWanted = bucket === undefined || history.bucket === bucket
    if (isWanted && history.entries.every(isSettled) && showsObject(history)) return history
  }
  return undefined
}

function showsObject(history: KeyHistory): boolean {
  return newest(history)?.deleteMarker === false
}

function newest(history: KeyHistory): ExpectedVersion | undefined {
  return versionsAfter(appliedTo(history), BUCKETS[history.bucket] ?? 'unversioned')[0]
}

function appliedTo(history: KeyHistory): readonly Entry[] {
  return history.entries.filter((entry) => wasApplied(entry, Number.POSITIVE_INFINITY))
}

function anyBody(worker: Worker): { readonly seed: BodySeed; readonly feature: Feature } {
  const { random } = worker
  const kind = random.below(100)
  const feature = kind < 38 ? 'small' : kind < 70 ? 'segment' : 'file'
  return { feature, seed: { seed: newSeed(worker), size: sizeOf(feature, random) } }
}

function sizeOf(feature: 'small' | 'segment' | 'file', random: SeededRandom): number {
  switch (feature) {
    case 'small':
      return random.chance(0.05) ? random.pick([0, 1, SMALL_BODY_LIMIT]) : random.below(4097)
    case 'segment': {
      const span = SEGMENT_BODY_LIMIT / SMALL_BODY_LIMIT
      return Math.floor(SMALL_BODY_LIMIT * span ** (random.below(1000) / 1000)) + 1
    }
    case 'file':
      return SEGMENT_BODY_LIMIT + 1 + random.below(FILE_BODY_LIMIT - SEGMENT_BODY_LIMIT)
  }
}

function newSeed({ random }: Worker): number {
  return random.below(2 ** 32)
}

// ---- the ledger

function begin(
  worker: Worker,
  history: KeyHistory,
  asked: Pick<Entry, 'act' | 'features' | 'content' | 'target'>,
): Entry {
  const { bucket, key } = history
  const overwrites = asked.act === 'put' && showsObject(history)
  const features: readonly Feature[] = overwrites
    ? [...asked.features, 'overwrite']
    : asked.features
  const startPosition = worker.options.ledger.position()
  const entry: Entry = { ...asked, bucket, key, features, startPosition }
  history.entries.push(entry)
  return entry
}

/**
 * Sends and writes the answer down. A failed condition changed nothing; any other refusal leaves it
 * open.
 */
async function settle(
  worker: Worker,
  entry: Entry,
  send: () => Promise<Omit<Written, 'etag'> & { readonly etag?: string }>,
): Promise<void> {
  try {
    const { etag, versionId, position = worker.options.ledger.position() } = await send()
    acknowledge(worker, entry, { position, refused: false, etag, versionId })
  } catch (cause) {
    if (!(cause instanceof S3Refusal) || cause.status !== 412) throw cause
    entry.answer = { position: worker.options.ledger.position(), refused: true }
  }
}

function acknowledge(worker: Worker, entry: Entry, answer: NonNullable<Entry['answer']>): void {
  entry.answer = answer
  worker.progress.acknowledged += 1
}
