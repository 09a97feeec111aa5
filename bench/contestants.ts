// The servers that are compared: each started on a folder, or given by its address.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { openCaller } from './generator/caller.ts'
import type { S3Keys } from './generator/signed-request.ts'
import type { MemoryLimit } from './memory-limit.ts'
import { versionOfCoffer, versionOfProgram } from './versions.ts'

export type Contestant = {
  readonly name: string
  readonly version: string
  /** Absent for a server that runs already. */
  readonly isOurs: boolean
  start(folder: string, options?: StartOptions): Promise<RunningContestant>
}

export type StartOptions = { readonly limit?: MemoryLimit }

export type RunningContestant = {
  readonly keys: S3Keys
  /** Absent for a server that runs elsewhere. */
  readonly pid: number | undefined
  /** From the start of the program to its first list of buckets. */
  readonly startMs: number | undefined
  stop(): Promise<void>
}

const ACCESS_KEY = 'bench-root-user'
const SECRET_KEY = 'bench-root-password'
const REGION = 'us-east-1'
const COFFER_MAIN = join(import.meta.dirname, '../src/cli/main.ts')

/** Started as by `npm start`. */
export function coffer(name: string, main: string = COFFER_MAIN): Contestant {
  return startedBy({ name, version: versionOfCoffer(main) }, ({ folder, port }) => ({
    program: process.execPath,
    given: [
      `--import=${join(dirname(main), 'code-cache.js')}`,
      main,
      'serve',
      folder,
      `--listen=127.0.0.1:${port}`,
      '--log-level=warn',
    ],
    environment: { COFFER_ROOT_USER: ACCESS_KEY, COFFER_ROOT_PASSWORD: SECRET_KEY },
  }))
}

/** @see https://github.com/minio/minio, last commit of 2026-02-12 */
export function minio(name: string, program: string): Contestant {
  return startedBy({ name, version: versionOfProgram(program) }, ({ folder, port }) => ({
    program,
    given: ['server', folder, '--address', `127.0.0.1:${port}`, '--quiet'],
    environment: { MINIO_ROOT_USER: ACCESS_KEY, MINIO_ROOT_PASSWORD: SECRET_KEY, HOME: folder },
  }))
}

/**
 * A server that runs already. Its keys come from the environment, since process lists show
 * arguments: `GARAGE_ACCESS_KEY_ID` for the one named garage, else `AWS_ACCESS_KEY_ID`.
 */
export function endpoint(name: string, url: string): Contestant {
  const own = name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
  const setting = (key: string): string | undefined =>
    process.env[`${own}_${key}`] ?? process.env[`AWS_${key}`]
  const keys: S3Keys = {
    url,
    accessKey: setting('ACCESS_KEY_ID') ?? '',
    secretKey: setting('SECRET_ACCESS_KEY') ?? '',
    region: setting('REGION') ?? REGION,
  }
  const running = { keys, pid: undefined, startMs: undefined, stop: () => Promise.resolve() }
  return { name, version: url, isOurs: false, start: () => Promise.resolve(running) }
}

/** Servers do not outlive the run, however it ends. */
const started = new Set<ChildProcess>()
process.once('exit', () => started.forEach((child) => child.kill('SIGKILL')))

type Place = { readonly folder: string; readonly port: number }

type Command = {
  readonly program: string
  readonly given: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

function startedBy(
  described: Pick<Contestant, 'name' | 'version'>,
  commandOf: (place: Place) => Command,
): Contestant {
  return {
    ...described,
    isOurs: true,
    async start(folder, { limit } = {}) {
      await mkdir(folder, { recursive: true })
      const port = await findFreePort()
      const command = commandOf({ folder, port })
      const [program = '', ...given] = [...(limit?.prefix ?? []), command.program, ...command.given]
      const { PATH = '', HOME = '' } = process.env
      const keys: S3Keys = {
        url: `http://127.0.0.1:${port}`,
        accessKey: ACCESS_KEY,
        secretKey: SECRET_KEY,
        region: REGION,
      }
      const began = performance.now()
      const child = spawn(program, given, {
        env: { PATH, HOME, ...command.environment },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      started.add(child)
      child.once('close', () => started.delete(child))
      await firstAnswer(keys, child)
      const startMs = performance.now() - began
      return { keys, pid: child.pid, startMs, stop: () => stop(child) }
    },
  }
}

const START_TIMEOUT_MS = 60_000
const ASK_AGAIN_MS = 5

/** Until buckets are listed; a server that listens may still refuse. */
async function firstAnswer(keys: S3Keys, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    if (await listsBuckets(keys).catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
  child.kill('SIGKILL')
  throw new Error(`No answer from ${keys.url} within ${START_TIMEOUT_MS} ms.`)
}

async function listsBuckets(keys: S3Keys): Promise<boolean> {
  const caller = await openCaller(keys)
  try {
    const { body } = await caller.ask({ method: 'GET', path: '/' })
    return body.includes('<ListAllMyBucketsResult')
  } finally {
    caller.close()
  }
}

/** Resolves also for one that has ended by itself, or was ended for its use of memory. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
