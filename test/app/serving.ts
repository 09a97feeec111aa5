/** A server for one test, with a client that holds its root keys; both end with the test. */
import type { TestContext } from 'node:test'
import { openS3Client, type S3Client } from '../load/s3-client.ts'
import { ROOT_KEYS, serveCoffer, temporaryFolder, type RunningCoffer } from './coffer-process.ts'

export type Serving = {
  readonly folder: string
  readonly coffer: RunningCoffer
  readonly client: S3Client
}

export type ServingOptions = {
  /** A fresh one when absent. */
  readonly folder?: string
  /** More arguments of `coffer serve`. */
  readonly given?: readonly string[]
  /** Variables beside the root keys. */
  readonly environment?: Readonly<Record<string, string>>
  /** How many the client opens at most. */
  readonly connections?: number
}

const CONNECTIONS = 8

export async function serve(context: TestContext, options: ServingOptions = {}): Promise<Serving> {
  const folder = options.folder ?? (await temporaryFolder((cleanUp) => context.after(cleanUp)))
  const quiet = ['--listen', '127.0.0.1:0', '--log-level', 'warn']
  const coffer = await serveCoffer([folder, ...quiet, ...(options.given ?? [])], {
    environment: { ...ROOT_KEYS, ...options.environment },
  })
  context.after(() => coffer.stop())
  const client = openS3Client({
    endpoint: coffer.url,
    accessKey: ROOT_KEYS.COFFER_ROOT_USER,
    secretKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
    connections: options.connections ?? CONNECTIONS,
  })
  context.after(() => client.close())
  return { folder, coffer, client }
}
