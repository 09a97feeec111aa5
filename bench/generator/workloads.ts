// What is asked of a server: for each scenario, what must be there before, the requests, and what
// is looked at afterwards.
import { createHash } from 'node:crypto'
import { makeBytes, makePayloads, type Payload, payloadOf } from './payload.ts'
import type { S3Request } from './s3-request.ts'

export const KIB = 1024
export const MIB: number = 1024 * KIB
export const GIB: number = 1024 * MIB

export type WorkloadName =
  | { readonly kind: 'put' | 'get' | 'head'; readonly sizeBytes: number }
  /** So many keys, each once. */
  | { readonly kind: 'delete'; readonly sizeBytes: number; readonly keys: number }
  /** Pages of a prefix with so many keys. */
  | { readonly kind: 'list'; readonly keys: number }
  /** So many batches of so many keys each. */
  | { readonly kind: 'delete-many'; readonly keys: number; readonly batches: number }
  /** Seven reads, two writes and a HEAD out of ten, from 4 KiB to 1 MiB. */
  | { readonly kind: 'mixed' }
  /** One object by one request, larger than any memory. */
  | { readonly kind: 'put-one'; readonly sizeBytes: number }
  /** One object in parts, which the connections share among them. */
  | { readonly kind: 'multipart'; readonly partBytes: number; readonly parts: number }

export type RequestKind = Exclude<WorkloadName, { readonly kind: 'multipart' }>

export type Workload = {
  /** What must be there before the clock starts. */
  readonly before: readonly S3Request[]
  /** Those that `next` gives more than once, so that they need be signed only once. */
  readonly repeated: readonly S3Request[]
  /** How many there are; absent where there is no end. */
  readonly count?: number
  next(number: number): S3Request
  /** Asked after the clock has stopped at so many requests: what was answered must be true. */
  after(asked: number): readonly S3Request[]
}

export type Where = {
  readonly bucket: string
  /** Keeps the keys of one round apart from those of another. */
  readonly prefix: string
}

/** As many different bodies as keep a server from knowing them, as few as stay in memory. */
const BODIES = 8
const SMALL_OBJECTS = 1000
const STORED_BYTES = 256 * MIB
/** Of what was written, so many are asked for afterwards. */
const LOOKED_AT = 8

export function makeWorkload(name: RequestKind, where: Where): Workload {
  switch (name.kind) {
    case 'put':
      return putWorkload(name.sizeBytes, where)
    case 'get':
    case 'head':
      return readWorkload(name.kind === 'get' ? 'GET' : 'HEAD', name.sizeBytes, where)
    case 'delete':
      return deleteWorkload(name, where)
    case 'list':
      return listWorkload(name.keys, where)
    case 'delete-many':
      return deleteManyWorkload(name, where)
    case 'mixed':
      return mixedWorkload(where)
    case 'put-one':
      return putOneWorkload(name.sizeBytes, where)
  }
}

function putWorkload(sizeBytes: number, { bucket, prefix }: Where): Workload {
  const payloads = makePayloads(sizeBytes > MIB ? 2 : BODIES, sizeBytes)
  const pathOf = (number: number): string => `/${bucket}/${prefix}put/${sizeBytes}/${number}`
  return {
    before: [],
    repeated: [],
    next: (number) => put(pathOf(number), pick(payloads, number)),
    after: (asked) =>
      spreadOver(asked).map((number) => read('GET', pathOf(number), pick(payloads, number))),
  }
}

/** What is stored is there for every round: the prefix does not count. */
function readWorkload(method: 'GET' | 'HEAD', sizeBytes: number, { bucket }: Where): Workload {
  const payloads = makePayloads(sizeBytes > MIB ? 2 : BODIES, sizeBytes)
  const stored = Array.from({ length: countStored(sizeBytes) }, (_, at) => ({
    path: `/${bucket}/stored/${sizeBytes}/${at}`,
    payload: pick(payloads, at),
  }))
  const repeated = stored.map(({ path, payload }) => read(method, path, payload))
  return {
    before: stored.map(({ path, payload }) => put(path, payload)),
    repeated,
    next: (number) => pick(repeated, scatter(number)),
    after: () => [],
  }
}

type Deletes = { readonly sizeBytes: number; readonly keys: number }

function deleteWorkload({ sizeBytes, keys }: Deletes, { bucket, prefix }: Where): Workload {
  const payloads = makePayloads(BODIES, sizeBytes)
  const pathOf = (number: number): string => `/${bucket}/${prefix}delete/${number}`
  return {
    before: numbers(keys).map((at) => put(pathOf(at), pick(payloads, at))),
    repeated: [],
    count: keys,
    next: (number) => ({ method: 'DELETE', path: pathOf(number), answer: { status: 204 } }),
    after: (asked) => spreadOver(asked).map((number) => headGone(pathOf(number))),
  }
}

function listWorkload(keys: number, { bucket }: Where): Workload {
  const payload = payloadOf(Buffer.from('listed'))
  const query = { 'list-type': '2', prefix: 'list/', 'max-keys': '1000' }
  const judge = (text: string): string | undefined => {
    const count = text.split('<Key>').length - 1
    return count === keys ? undefined : `${count} keys`
  }
  const list: S3Request = { method: 'GET', path: `/${bucket}`, query, answer: { judge } }
  return {
    before: numbers(keys).map((at) => put(`/${bucket}/list/${at}`, payload)),
    repeated: [list],
    next: () => list,
    after: () => [],
  }
}

type Batches = { readonly keys: number; readonly batches: number }

function deleteManyWorkload({ keys, batches }: Batches, { bucket, prefix }: Where): Workload {
  const payload = payloadOf(makeBytes(0, 4 * KIB))
  const keysOf = (batch: number): readonly string[] =>
    numbers(keys).map((at) => `${prefix}batch/${batch}/${at}`)
  return {
    before: numbers(batches).flatMap((batch) =>
      keysOf(batch).map((key) => put(`/${bucket}/${key}`, payload)),
    ),
    repeated: [],
    count: batches,
    next: (number) => deleteMany(bucket, keysOf(number)),
    after: (asked) =>
      spreadOver(asked).map((batch) => headGone(`/${bucket}/${pick(keysOf(batch), batch)}`)),
  }
}

export function deleteMany(bucket: string, keys: readonly string[]): S3Request {
  const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')
  const bytes = Buffer.from(`<Delete><Quiet>true</Quiet>${objects}</Delete>`)
  const headers = { 'content-md5': createHash('md5').update(bytes).digest('base64') }
  return {
    method: 'POST',
    path: `/${bucket}`,
    query: { delete: '' },
    headers,
    payload: payloadOf(bytes),
    answer: { judge: findFailedKey },
  }
}

function findFailedKey(text: string): string | undefined {
  return text.includes('<Error>') ? text : undefined
}

const MIXED_SIZES = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB]

function mixedWorkload(where: Where): Workload {
  const gotten = MIXED_SIZES.map((sizeBytes) => readWorkload('GET', sizeBytes, where))
  const headed = MIXED_SIZES.map((sizeBytes) => readWorkload('HEAD', sizeBytes, where))
  const written = MIXED_SIZES.map((sizeBytes) => putWorkload(sizeBytes, where))
  return {
    before: gotten.flatMap(({ before }) => before),
    repeated: [...gotten, ...headed].flatMap(({ repeated }) => repeated),
    next: (number) => {
      const kind = number % 10
      const sources = kind < 2 ? written : kind === 9 ? headed : gotten
      return pick(sources, Math.floor(number / 10)).next(number)
    },
    after: () => [],
  }
}

const BLOCK_BYTES = 64 * MIB

function putOneWorkload(sizeBytes: number, { bucket, prefix }: Where): Workload {
  const payload = repeatedPayload(sizeBytes / BLOCK_BYTES)
  const path = `/${bucket}/${prefix}one`
  return {
    before: [],
    repeated: [],
    count: 1,
    next: () => put(path, payload),
    after: () => [read('HEAD', path, payload)],
  }
}

/** Its MD5 would take longer than the upload, and nobody compares it. */
function repeatedPayload(times: number): Payload {
  const bytes = makeBytes(0, BLOCK_BYTES)
  const sha256 = createHash('sha256')
  for (let time = 0; time < times; time += 1) sha256.update(bytes)
  return { bytes, times, sha256: sha256.digest('hex') }
}

function put(path: string, payload: Payload): S3Request {
  return { method: 'PUT', path, payload, answer: { object: payload } }
}

function read(method: 'GET' | 'HEAD', path: string, object: Payload): S3Request {
  return { method, path, answer: { object } }
}

function headGone(path: string): S3Request {
  return { method: 'HEAD', path, answer: { status: 404 } }
}

/** Small objects by the thousand, of large ones as many as a small machine's page cache holds. */
function countStored(sizeBytes: number): number {
  return Math.max(4, Math.min(SMALL_OBJECTS, Math.floor(STORED_BYTES / sizeBytes)))
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at)
}

function spreadOver(count: number): readonly number[] {
  const many = Math.min(count, LOOKED_AT)
  return numbers(many).map((at) => Math.floor((at * count) / many))
}

export function pick<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length]
  if (item === undefined) throw new RangeError('There is nothing to pick from.')
  return item
}

/** Steps through all numbers in an order that looks random. */
function scatter(number: number): number {
  return (number * 7919) % 1_000_003
}
