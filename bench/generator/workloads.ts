// What is asked of a server: for each scenario, what must be there before and the requests.
import { createHash } from 'node:crypto'
import { type Payload, payloadOf, type S3Request } from './signed-request.ts'

export const KIB = 1024
export const MIB: number = 1024 * KIB

export type WorkloadName =
  | { readonly kind: 'put' | 'get' | 'head' | 'delete'; readonly sizeBytes: number }
  /** Pages of a prefix with so many keys. */
  | { readonly kind: 'list'; readonly keys: number }
  /** Batches of so many keys each. */
  | { readonly kind: 'delete-many'; readonly keys: number }
  /** Seven reads, two writes and a HEAD out of ten, from 4 KiB to 1 MiB. */
  | { readonly kind: 'mixed' }

export type Workload = {
  /** What must be there before the clock starts. */
  readonly before: readonly S3Request[]
  /** The request with a number; undefined when there are no more. */
  next(number: number): S3Request | undefined
}

/** As many different bodies as keep a server from knowing them, as few as stay in memory. */
const BODIES = 8
const SMALL_OBJECTS = 1000
const STORED_BYTES = 256 * MIB

export function makeWorkload(bucket: string, name: WorkloadName): Workload {
  switch (name.kind) {
    case 'put':
      return putWorkload(bucket, name.sizeBytes)
    case 'get':
    case 'head':
      return readWorkload(bucket, name.sizeBytes, name.kind === 'get' ? 'GET' : 'HEAD')
    case 'delete':
      return deleteWorkload(bucket, name.sizeBytes)
    case 'list':
      return listWorkload(bucket, name.keys)
    case 'delete-many':
      return deleteManyWorkload(bucket, name.keys)
    case 'mixed':
      return mixedWorkload(bucket)
  }
}

function putWorkload(bucket: string, sizeBytes: number): Workload {
  const payloads = makePayloads(sizeBytes)
  return {
    before: [],
    next: (number) => put(`/${bucket}/put/${sizeBytes}/${number}`, pick(payloads, number)),
  }
}

function readWorkload(bucket: string, sizeBytes: number, method: 'GET' | 'HEAD'): Workload {
  const paths = storedPaths(bucket, sizeBytes)
  const payloads = makePayloads(sizeBytes)
  return {
    before: paths.map((path, at) => put(path, pick(payloads, at))),
    next: (number) => ({ method, path: pick(paths, scatter(number)) }),
  }
}

const DELETES = 20_000

function deleteWorkload(bucket: string, sizeBytes: number): Workload {
  const payloads = makePayloads(sizeBytes)
  const paths = Array.from({ length: DELETES }, (_, at) => `/${bucket}/delete/${at}`)
  return {
    before: paths.map((path, at) => put(path, pick(payloads, at))),
    next: (number) => {
      const path = paths[number]
      return path === undefined ? undefined : { method: 'DELETE', path }
    },
  }
}

function listWorkload(bucket: string, keys: number): Workload {
  const payload = payloadOf(Buffer.from('listed'))
  const paths = Array.from({ length: keys }, (_, at) => `/${bucket}/list/${at}`)
  const query = { 'list-type': '2', prefix: 'list/', 'max-keys': '1000' }
  return {
    before: paths.map((path) => put(path, payload)),
    next: () => ({ method: 'GET', path: `/${bucket}`, query }),
  }
}

const BATCHES = 40

function deleteManyWorkload(bucket: string, keys: number): Workload {
  const payload = payloadOf(Buffer.alloc(4 * KIB, 'x'))
  const names = (batch: number): readonly string[] =>
    Array.from({ length: keys }, (_, at) => `batch/${batch}/${at}`)
  const batches = Array.from({ length: BATCHES }, (_, batch) => batch)
  return {
    before: batches.flatMap((batch) =>
      names(batch).map((key) => put(`/${bucket}/${key}`, payload)),
    ),
    next: (number) => (number < BATCHES ? deleteMany(bucket, names(number)) : undefined),
  }
}

function deleteMany(bucket: string, keys: readonly string[]): S3Request {
  const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')
  const bytes = Buffer.from(`<Delete><Quiet>true</Quiet>${objects}</Delete>`)
  const headers = { 'content-md5': createHash('md5').update(bytes).digest('base64') }
  return {
    method: 'POST',
    path: `/${bucket}`,
    query: { delete: '' },
    headers,
    payload: payloadOf(bytes),
  }
}

const MIXED_SIZES = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB]

function mixedWorkload(bucket: string): Workload {
  const stored = MIXED_SIZES.map((sizeBytes) => readWorkload(bucket, sizeBytes, 'GET'))
  const written = MIXED_SIZES.map((sizeBytes) => putWorkload(bucket, sizeBytes))
  return {
    before: stored.flatMap(({ before }) => before),
    next: (number) => {
      const kind = number % 10
      const source = pick(kind < 2 ? written : stored, Math.floor(number / 10))
      const request = source.next(number)
      return kind === 9 && request ? { ...request, method: 'HEAD' } : request
    },
  }
}

function put(path: string, payload: Payload): S3Request {
  return { method: 'PUT', path, payload }
}

/** Small objects by the thousand, of large ones as many as a small machine's page cache holds. */
function storedPaths(bucket: string, sizeBytes: number): readonly string[] {
  const count = Math.max(4, Math.min(SMALL_OBJECTS, Math.floor(STORED_BYTES / sizeBytes)))
  return Array.from({ length: count }, (_, at) => `/${bucket}/stored/${sizeBytes}/${at}`)
}

function makePayloads(sizeBytes: number): readonly Payload[] {
  const count = sizeBytes > MIB ? 2 : BODIES
  return Array.from({ length: count }, (_, at) => payloadOf(fill(sizeBytes, at)))
}

/** Bytes that do not compress, the same in every run. */
function fill(sizeBytes: number, seed: number): Uint8Array {
  const bytes = Buffer.alloc(sizeBytes)
  let state = (seed + 1) * 0x9e37_79b9
  for (let at = 0; at + 4 <= sizeBytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes.writeUInt32LE(state, at)
  }
  return bytes
}

function pick<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length]
  if (item === undefined) throw new RangeError('There is nothing to pick from.')
  return item
}

/** Steps through all numbers in an order that looks random. */
function scatter(number: number): number {
  return (number * 7919) % 1_000_003
}
