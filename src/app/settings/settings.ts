/** Every setting: what it is called, what it does, what its text means. */
import { resolve } from 'node:path'
import type { LogLevel } from '../../base/log.ts'
import type { Network } from '../../protocols/http/proxy/proxy-trust.ts'
import type { PublicUrl } from '../../protocols/http/proxy/public-url.ts'
import type { Sought } from './setting-sources.ts'
import {
  atLeast,
  type ListenAddress,
  type MetricsPlace,
  oneOf,
  parseBucketNames,
  parseCount,
  parseDomains,
  parseLimit,
  parseListenAddress,
  parseLogPlace,
  parseMetricsPlace,
  parseNetworks,
  parsePublicAddress,
  parseThreads,
} from './setting-values.ts'

export type Configuration = {
  readonly folder: string
  readonly listen: ListenAddress
  readonly threads: number
  readonly store: StoreKind
  readonly rootUser: string | undefined
  readonly rootPassword: string | undefined
  readonly identities: string | undefined
  readonly buckets: readonly string[]
  readonly newBuckets: 'private' | 'acl'
  readonly region: string | undefined
  readonly signatureV2: 'off' | 'presigned'
  readonly tls: 'off' | 'generated'
  readonly tlsCertificate: string | undefined
  readonly tlsKey: string | undefined
  readonly domain: readonly string[]
  readonly trustedProxies: readonly Network[]
  readonly publicUrl: PublicUrl | undefined
  readonly connectionsMax: number
  readonly requestsMax: number
  readonly requestsPerCallerMax: number
  readonly logLevel: LogLevel
  readonly accessLog: string
  readonly metrics: MetricsPlace
  readonly metricsToken: string | undefined
  readonly reserveBytes: number
  readonly feedEntriesMax: number
  readonly feedWhenFull: 'refuse' | 'drop-oldest'
  readonly feedMinimumAgeHours: number
  readonly stopTimeoutSeconds: number
}

export type StoreKind = 'disk' | 'memory'

/** A value as it is given and documented. `parse` throws what completes `<name> is "…", `. */
export type Setting<Value> = Sought & {
  readonly unit: string
  readonly fallback?: string
  readonly description: string
  parse(text: string): Value
}

export type Settings = { readonly [Name in keyof Configuration]: Setting<Configuration[Name]> }

export const SETTINGS: Settings = {
  folder: {
    variable: 'COFFER_FOLDER',
    unit: 'path',
    fallback: './coffer-data',
    description: 'Where everything is kept. Made when it does not exist.',
    parse: (text) => resolve(text),
  },
  listen: {
    variable: 'COFFER_LISTEN',
    unit: 'host:port',
    fallback: '127.0.0.1:9000',
    description:
      'Where requests are accepted. Port 0 takes a free one; `0.0.0.0` opens it to the network.',
    parse: parseListenAddress,
  },
  threads: {
    variable: 'COFFER_THREADS',
    unit: 'threads',
    fallback: 'auto',
    description:
      'How many threads answer requests, beside the one that stores. With 1, that one answers ' +
      'them too. `auto` is one for each core, eight at most, and one for every 128 MiB of memory.',
    parse: parseThreads,
  },
  store: {
    variable: 'COFFER_STORE',
    unit: '`disk` or `memory`',
    fallback: 'disk',
    description: 'What keeps the objects. `memory` forgets everything at the end; it is for tests.',
    parse: oneOf('disk', 'memory'),
  },
  rootUser: {
    variable: 'COFFER_ROOT_USER',
    aliases: ['MINIO_ROOT_USER', 'MINIO_ACCESS_KEY'],
    secret: true,
    unit: 'text, 3 characters or more',
    description:
      'Access key of the owner. Without one, it is made at the first start and kept in the folder.',
    parse: atLeast(3),
  },
  rootPassword: {
    variable: 'COFFER_ROOT_PASSWORD',
    aliases: ['MINIO_ROOT_PASSWORD', 'MINIO_SECRET_KEY'],
    secret: true,
    unit: 'text, 8 characters or more',
    description: 'Secret key of the owner; given together with the user, or not at all.',
    parse: atLeast(8),
  },
  identities: {
    variable: 'COFFER_IDENTITIES',
    unit: 'path',
    description:
      'A JSON file that declares accounts, users, keys, groups and policies: docs/access.md. It is ' +
      'applied at every start, and what has left it is removed.',
    parse: (text) => resolve(text),
  },
  buckets: {
    variable: 'COFFER_BUCKETS',
    unit: 'names, with commas between them',
    fallback: '',
    description:
      'Buckets that are made at the start when they are missing. They belong to the default ' +
      'account; removing a name removes no bucket.',
    parse: parseBucketNames,
  },
  newBuckets: {
    variable: 'COFFER_NEW_BUCKETS',
    unit: '`private` or `acl`',
    fallback: 'private',
    description:
      'Whether access control lists count in buckets that are created without a word about it. ' +
      'With `acl` they do, as they did on AWS before April 2023.',
    parse: oneOf('private', 'acl'),
  },
  region: {
    variable: 'COFFER_REGION',
    aliases: ['MINIO_SITE_REGION', 'MINIO_REGION'],
    unit: 'text',
    description: 'The region that signatures must name. Without it, any is accepted.',
    parse: atLeast(1),
  },
  signatureV2: {
    variable: 'COFFER_SIGNATURE_V2',
    unit: '`off` or `presigned`',
    fallback: 'off',
    description:
      'Whether URLs and forms presigned by Signature Version 2 count, as boto3 makes them for ' +
      'us-east-1.',
    parse: oneOf('off', 'presigned'),
  },
  tls: {
    variable: 'COFFER_TLS',
    unit: '`off` or `generated`',
    fallback: 'off',
    description:
      'With `generated`, HTTPS with a certificate that the first start makes and keeps in the ' +
      'folder; clients must be given it.',
    parse: oneOf('off', 'generated'),
  },
  tlsCertificate: {
    variable: 'COFFER_TLS_CERTIFICATE',
    unit: 'path',
    description:
      'A PEM file with a certificate, and those between it and its authority: HTTPS with it. A ' +
      'file that changes is taken up within ten seconds.',
    parse: (text) => resolve(text),
  },
  tlsKey: {
    variable: 'COFFER_TLS_KEY',
    unit: 'path',
    description: 'The PEM file with the private key of that certificate.',
    parse: (text) => resolve(text),
  },
  domain: {
    variable: 'COFFER_DOMAIN',
    aliases: ['MINIO_DOMAIN'],
    unit: 'host names, separated by commas',
    fallback: '',
    description:
      'Domains whose subdomains name buckets: with `s3.example.com`, requests to ' +
      '`data.s3.example.com` are for the bucket `data`.',
    parse: parseDomains,
  },
  trustedProxies: {
    variable: 'COFFER_TRUSTED_PROXIES',
    unit: 'addresses or networks, separated by commas',
    fallback: '',
    description:
      'Proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` tell where a request ' +
      'comes from. From everybody else these headers mean nothing.',
    parse: parseNetworks,
  },
  publicUrl: {
    variable: 'COFFER_PUBLIC_URL',
    aliases: ['MINIO_SERVER_URL'],
    unit: 'http(s)://host[:port][/prefix]',
    description:
      'Where clients find the server when a proxy changes the host, or removes a prefix of the ' +
      'path: signatures for this address count too, and answers name it.',
    parse: parsePublicAddress,
  },
  connectionsMax: {
    variable: 'COFFER_CONNECTIONS_MAX',
    unit: 'connections',
    fallback: '10000',
    description:
      'How many connections are open at once, for each thread that serves; more are closed.',
    parse: parseLimit,
  },
  requestsMax: {
    variable: 'COFFER_REQUESTS_MAX',
    unit: 'requests',
    fallback: '2048',
    description:
      'How many requests are under way at once, for each thread that serves. More wait for up to ' +
      'five seconds and are then answered 503 `SlowDown`.',
    parse: parseLimit,
  },
  requestsPerCallerMax: {
    variable: 'COFFER_REQUESTS_PER_CALLER_MAX',
    unit: 'requests',
    fallback: '1024',
    description:
      'How many of them may be of one access key, or of one address whose requests are not ' +
      'signed. More are answered 503 `SlowDown`.',
    parse: parseLimit,
  },
  logLevel: {
    variable: 'COFFER_LOG_LEVEL',
    unit: '`debug`, `info`, `warn`, `error` or `silent`',
    fallback: 'info',
    description: 'What is logged to standard error; `info` has a line for every request.',
    parse: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
  accessLog: {
    variable: 'COFFER_ACCESS_LOG',
    unit: '`off`, `stdout`, `stderr` or path',
    fallback: 'off',
    description:
      'Where each request has a line of JSON that says who asked for what, and what became of it: ' +
      'docs/monitoring.md. With one, the log has no lines for requests.',
    parse: parseLogPlace,
  },
  metrics: {
    variable: 'COFFER_METRICS',
    unit: '`off`, host:port or `/coffer/metrics`',
    fallback: 'off',
    description:
      'Where Prometheus finds metrics: at an address of their own, such as `127.0.0.1:9001`, in ' +
      'plain HTTP; or at this path of the address that S3 has, which takes a token.',
    parse: parseMetricsPlace,
  },
  metricsToken: {
    variable: 'COFFER_METRICS_TOKEN',
    secret: true,
    unit: 'text, 16 characters or more',
    description:
      'What Prometheus must send as `Authorization: Bearer <token>`. An address of their own gives ' +
      'metrics to everybody when there is none.',
    parse: atLeast(16),
  },
  reserveBytes: {
    variable: 'COFFER_RESERVE_BYTES',
    unit: 'bytes',
    fallback: '67108864',
    description: 'Free space below which new data is refused, so that deleting always works.',
    parse: parseCount,
  },
  feedEntriesMax: {
    variable: 'COFFER_FEED_ENTRIES_MAX',
    unit: 'entries',
    fallback: '100000000',
    description:
      'How many changes the feed holds. Near it, the oldest that every reader has read go early.',
    parse: parseCount,
  },
  feedWhenFull: {
    variable: 'COFFER_FEED_WHEN_FULL',
    unit: '`refuse` or `drop-oldest`',
    fallback: 'refuse',
    description:
      'What a full feed does: refuse writes, or drop its oldest entries and leave a `Gap` entry.',
    parse: oneOf('refuse', 'drop-oldest'),
  },
  feedMinimumAgeHours: {
    variable: 'COFFER_FEED_MINIMUM_AGE_HOURS',
    unit: 'hours',
    fallback: '168',
    description: 'How long a change stays in the feed, be it read or not, unless the feed is full.',
    parse: parseCount,
  },
  stopTimeoutSeconds: {
    variable: 'COFFER_STOP_TIMEOUT_SECONDS',
    unit: 'seconds',
    fallback: '25',
    description: 'How long a stop waits for requests under way before it cuts them off.',
    parse: parseCount,
  },
}

/** The argument that gives a setting: `--log-level` for COFFER_LOG_LEVEL. */
export function flagOf({ variable }: Setting<unknown>): string {
  return `--${variable.slice('COFFER_'.length).toLowerCase().replaceAll('_', '-')}`
}
