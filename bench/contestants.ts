// The servers that are compared: each started on an empty folder, or given by its address.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { S3Keys } from './generator/signed-request.ts'

export type Contestant = {
  readonly name: string
  start(folder: string): Promise<RunningContestant>
}

export type RunningContestant = {
  readonly keys: S3Keys
  /** Absent for a server that runs elsewhere. */
  readonly pid: number | undefined
  /** From the start of the program to its first answer. */
  readonly startMs: number | undefined
  stop(): Promise<void>
}

const ACCESS_KEY = 'bench-root-user'
const SECRET_KEY = 'bench-root-password'
const REGION = 'us-east-1'
const COFFER_MAIN = join(import.meta.dirname, '../src/cli/main.ts')

export function coffer(name: string, main: string = COFFER_MAIN): Contestant {
  return startedBy(name, ({ folder, port }) => ({
    program: process.execPath,
    given: [main, 'serve', folder, '--listen', `127.0.0.1:${port}`, '--log-level', 'warn'],
    environment: { COFFER_ROOT_USER: ACCESS_KEY, COFFER_ROOT_PASSWORD: SECRET_KEY },
  }))
}

/** @see https://github.com/minio/minio, last commit of 2026-02-12 */
export function minio(name: string, program: string): Contestant {
  return startedBy(name, ({ folder, port }) => ({
    program,
    given: ['server', folder, '--address', `127.0.0.1:${port}`, '--quiet'],
    environment: { MINIO_ROOT_USER: ACCESS_KEY, MINIO_ROOT_PASSWORD: SECRET_KEY, HOME: folder },
  }))
}

/** A server that runs already. Its keys come from the environment: process lists show arguments. */
export function endpoint(name: string, url: string): Contestant {
  const { AWS_ACCESS_KEY_ID: accessKey = '', AWS_SECRET_ACCESS_KEY: secretKey = '' } = process.env
  const keys = { url, accessKey, secretKey, region: REGION }
  return {
    name,
    start: () =>
      Promise.resolve({
        keys,
        pid: undefined,
        startMs: undefined,
        stop: () => Promise.resolve(),
      }),
  }
}

type Place = { readonly folder: string; readonly port: number }

type Command = {
  readonly program: string
  readonly given: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

function startedBy(name: string, commandOf: (place: Place) => Command): Contestant {
  return {
    name,
    async start(folder) {
      await mkdir(folder, { recursive: true })
      const port = await findFreePort()
      const { program, given, environment } = commandOf({ folder, port })
      const { PATH = '', HOME = '' } = process.env
      const began = performance.now()
      const child = spawn(program, given, {
        env: { PATH, HOME, ...environment },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const url = `http://127.0.0.1:${port}`
      await firstAnswer(url, child)
      return {
        keys: { url, accessKey: ACCESS_KEY, secretKey: SECRET_KEY, region: REGION },
        pid: child.pid,
        startMs: performance.now() - began,
        stop: () => stop(child),
      }
    },
  }
}

const START_TIMEOUT_MS = 60_000
const ASK_AGAIN_MS = 5

/** Any answer at all: both servers refuse whoever does not sign. */
async function firstAnswer(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    const answered = await fetch(url).then(
      (answer) => answer.status < 500,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
  child.kill('SIGKILL')
  throw new Error(`No answer from ${url} within ${START_TIMEOUT_MS} ms.`)
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
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
