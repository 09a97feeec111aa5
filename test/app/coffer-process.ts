/** Runs the program as users run it, in an environment that holds only what a test gives. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const COFFER_MAIN: string = join(import.meta.dirname, '../../src/cli/main.ts')

export type RunOptions = {
  readonly environment?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export type Ended = {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export type RunningCoffer = {
  /** Where it answers, e.g. `http://127.0.0.1:40123`. */
  readonly url: string
  readonly pid: number
  stdout(): string
  stderr(): string
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
  /** SIGTERM, and how it ended. */
  stop(): Promise<Ended>
}

const START_TIMEOUT_MS = 20_000
const RUN_TIMEOUT_MS = 60_000

export const ROOT_KEYS = {
  COFFER_ROOT_USER: 'test-root-user',
  COFFER_ROOT_PASSWORD: 'test-root-password',
} as const

/** The program has run to its end. */
export async function runCoffer(
  given: readonly string[],
  { environment = {}, timeoutMs = RUN_TIMEOUT_MS }: RunOptions = {},
): Promise<Ended> {
  const { child, ended } = start(given, environment)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  return ended.finally(() => clearTimeout(timer))
}

/** `coffer serve <given>` has printed its address. */
export function serveCoffer(
  given: readonly string[],
  options: RunOptions = {},
): Promise<RunningCoffer> {
  return startCoffer(['serve', ...given], options)
}

/** `coffer <given>`, which serves, has printed its address. */
export async function startCoffer(
  given: readonly string[],
  { environment = ROOT_KEYS, timeoutMs = START_TIMEOUT_MS }: RunOptions = {},
): Promise<RunningCoffer> {
  const { child, said, ended } = start(given, environment)
  const url = await addressOf(child, { said, ended, timeoutMs })
  return {
    url,
    pid: child.pid ?? -1,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    signal: (name) => void child.kill(name),
    ended,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** A fresh folder that is gone when the test is over. */
export async function temporaryFolder(
  after: (cleanUp: () => Promise<void>) => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-test-'))
  after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What a program needs to start, as quickly as the tests do; nothing of the user's. */
export /** One thread unless the tests are run with more: each costs a start most of its time. */
function bareEnvironment(): Readonly<Record<string, string>> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE: cache, COFFER_THREADS = '1' } = process.env
  return { PATH, HOME, COFFER_THREADS, ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) }
}

type Said = { stdout: string; stderr: string }

function start(
  given: readonly string[],
  environment: Readonly<Record<string, string>>,
): { readonly child: ChildProcess; readonly said: Said; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [COFFER_MAIN, ...given], {
    env: { ...bareEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, ...said }))
  })
  return { child, said, ended }
}

async function addressOf(
  child: ChildProcess,
  { said, ended, timeoutMs }: { said: Said; ended: Promise<Ended>; timeoutMs: number },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    reject(new Error(`No address within ${timeoutMs} ms. It said: ${said.stdout}${said.stderr}`))
  }, timeoutMs)
  const look = (): void => {
    const url = /https?:\/\/[\w.[\]:]+:\d+/.exec(said.stdout)?.[0]
    if (url !== undefined) resolve(url)
  }
  child.stdout?.on('data', look)
  void ended.then((end) => reject(new Error(`It ended before answering: ${JSON.stringify(end)}`)))
  return promise.finally(() => clearTimeout(timer))
}
