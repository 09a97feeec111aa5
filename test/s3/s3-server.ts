// The server that the tests of this folder talk to: Coffer over the memory store, in this process;
// or, with ENDPOINT, ACCESS_KEY and SECRET_KEY in the environment, any other, so that the tests are
// tested.
import { randomUUID } from 'node:crypto'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import {
  type AuthenticatorOptions,
  createAuthenticator,
} from '../../src/protocols/http/signature/authenticate.ts'
import { createFormAuthenticator } from '../../src/protocols/http/signature/form-signature.ts'
import type { HttpLimits } from '../../src/protocols/http/http-limits.ts'
import { startHttpServer } from '../../src/protocols/http/server.ts'
import type { S3Site } from '../../src/protocols/s3/operation.ts'
import { createS3 } from '../../src/protocols/s3/s3.ts'
import { deriveAccount, listAccounts } from '../../src/services/access/accounts.ts'
import {
  type Account,
  type Caller,
  DEFAULT_ACCOUNT_ID,
  rootOf,
} from '../../src/services/access/caller.ts'
import { createDecide } from '../../src/services/access/decide.ts'
import type { Decide } from '../../src/services/access/question.ts'
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { Storage } from '../../src/storage/storage.ts'

export type S3Server = {
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  /** Clients are closed by `stop`. */
  client(config?: S3ClientConfig): S3Client
  stop(): Promise<void>
}

/** Whether the tests run against something that is not Coffer. */
export const isForeign: boolean = process.env['ENDPOINT'] !== undefined

export async function startS3Server(options: ServerOptions = {}): Promise<S3Server> {
  const accessKey = process.env['ACCESS_KEY'] ?? 'coffer-test'
  const secretKey = process.env['SECRET_KEY'] ?? 'coffer-test-secret'
  const endpoint = process.env['ENDPOINT']
  const own =
    endpoint === undefined ? await startCoffer({ accessKey, secretKey, ...options }) : undefined
  const url = own?.url ?? endpoint ?? ''
  const clients: S3Client[] = []
  return {
    url,
    accessKey,
    secretKey,
    client(config = {}) {
      const client = new S3Client({
        endpoint: url,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
        maxAttempts: 1,
        ...config,
      })
      clients.push(client)
      return client
    },
    async stop() {
      for (const client of clients) client.destroy()
      await own?.stop()
    },
  }
}

/** Only for Coffer in this process. */
export type ServerOptions = {
  readonly limits?: Partial<HttpLimits>
  readonly decide?: Decide
  readonly authentication?: Partial<Omit<AuthenticatorOptions, 'findKey'>>
  /** Who else signs, by access key. */
  readonly callers?: Readonly<Record<string, KnownCaller>>
  readonly newBuckets?: S3Site['newBuckets']
  readonly site?: Pick<S3Site, 'domains' | 'publicUrl'>
  /** Those that grants may name, beside the first. */
  readonly accounts?: readonly Account[]
}

export type KnownCaller = { readonly secret: string; readonly caller: Caller }

type Keys = { readonly accessKey: string; readonly secretKey: string }

async function startCoffer(
  options: Keys & ServerOptions,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const storage = new Storage(await openMemoryStore())
  const callers: Readonly<Record<string, KnownCaller>> = {
    ...options.callers,
    [options.accessKey]: { secret: options.secretKey, caller: rootOf(DEFAULT_ACCOUNT_ID) },
  }
  const accounts = listAccounts([deriveAccount(DEFAULT_ACCOUNT_ID), ...(options.accounts ?? [])])
  const authentication: AuthenticatorOptions<KnownCaller> = {
    findKey: (key) => callers[key],
    clock: systemClock,
    ...options.authentication,
  }
  const s3 = createS3({
    storage,
    authenticate: createAuthenticator(authentication),
    authenticateForm: createFormAuthenticator(authentication),
    decide: options.decide ?? createDecide({ storage, accounts }),
    site: { accounts, newBuckets: options.newBuckets ?? 'private', ...options.site },
    clock: systemClock,
    log: silentLog,
  })
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    handle: (request) => s3.handle(request),
    renderFailure: (failure) => s3.renderFailure(failure),
    log: silentLog,
    limits: { stopQuietMs: 0, stopWithinMs: 1000, ...options.limits },
  })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await storage.close()
    },
  }
}

/** A bucket name that nobody had before. */
export function freshName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`
}
