/** What settings are written as. Each function throws what completes `<name> is "…", `. */
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { type Network, parseNetwork } from '../../protocols/http/proxy/proxy-trust.ts'
import { parsePublicUrl, type PublicUrl } from '../../protocols/http/proxy/public-url.ts'
import { findBucketNameProblem } from '../../storage/names.ts'

export type ListenAddress = { readonly host: string; readonly port: number }

export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text)
  const { six, host = six, port } = match?.groups ?? {}
  if (host === undefined || Number(port) > 65_535) {
    throw new Error('which is not host:port; give for example 127.0.0.1:9000 or [::1]:9000')
  }
  return { host, port: Number(port) }
}

/** Where figures are answered; the path is on the address that S3 has too. */
export type MetricsPlace = 'off' | '/coffer/metrics' | ListenAddress

export function parseMetricsPlace(text: string): MetricsPlace {
  return text === 'off' || text === '/coffer/metrics' ? text : parseListenAddress(text)
}

/** What is no word of ours is a path. */
export function parseLogPlace(text: string): string {
  return ['off', 'stdout', 'stderr'].includes(text) ? text : resolve(text)
}

export function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error('which is not a whole number of 0 or more')
  return Number(text)
}

export function parseLimit(text: string): number {
  const limit = parseCount(text)
  if (limit === 0) throw new Error('which would refuse everything; give 1 or more')
  return limit
}

const THREADS_MAX = 64
const AUTOMATIC_THREADS_MAX = 8
const BYTES_PER_THREAD = 134_217_728

export function parseThreads(text: string): number {
  if (text === 'auto') return suitableThreads()
  const threads = parseLimit(text)
  if (threads > THREADS_MAX) throw new Error(`which is more than ${THREADS_MAX}`)
  return threads
}

/** Elsewhere the kernel does not spread connections over those who listen at one port. */
function suitableThreads(): number {
  if (process.platform !== 'linux') return 1
  const memoryBytes = Math.min(process.constrainedMemory() || Infinity, totalmem())
  const forMemory = Math.floor(memoryBytes / BYTES_PER_THREAD)
  return Math.max(1, Math.min(availableParallelism(), AUTOMATIC_THREADS_MAX, forMemory))
}

export function oneOf<Value extends string>(...values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const found = values.find((value) => value === text)
    if (found === undefined) throw new Error(`which is none of ${values.join(', ')}`)
    return found
  }
}

export function atLeast(characters: number): (text: string) => string {
  return (text) => {
    if (text.length < characters) throw new Error(`it needs ${characters} characters or more`)
    return text
  }
}

export function parseBucketNames(text: string): readonly string[] {
  for (const name of listOf(text)) {
    const problem = findBucketNameProblem(name)
    if (problem !== undefined) throw new Error(`where the bucket name "${name}" ${problem}`)
  }
  return listOf(text)
}

const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/

export function parseDomains(text: string): readonly string[] {
  return listOf(text).map((item) => {
    const domain = item.toLowerCase()
    if (DOMAIN.test(domain)) return domain
    throw new Error(`where "${item}" is no host name; give for example s3.example.com`)
  })
}

export function parseNetworks(text: string): readonly Network[] {
  return listOf(text).map((item) => {
    const network = parseNetwork(item)
    if (network !== undefined) return network
    throw new Error(`where "${item}" is no address or network; give for example 10.0.0.0/8`)
  })
}

export function parsePublicAddress(text: string): PublicUrl {
  const url = parsePublicUrl(text)
  if (url !== undefined) return url
  throw new Error('which is not http(s)://host[:port][/prefix]; leave out all that follows')
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
