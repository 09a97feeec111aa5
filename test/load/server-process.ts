// Starts a server as users start it and tells when it answers. Kills only what it started.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openS3Client } from './s3-client.ts'
import type { S3Client } from './s3-client.ts'

export type ServerOptions = {
  readonly folder: string
  /** The entry point; Coffer's own unless a test patches it or stands something in for it. */
  readonly main?: string
  readonly connections?: number
  /** A program and its words that end by running the server in their place. */
  readonly runBy?: readonly string[]
  /** A module that is loaded before the server's own, and what it finds in the environment. */
  readonly preload?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly startTimeoutMs?: number
}

export type ServerProcess = {
  readonly client: S3Client
  readonly endpoint: string
  /** Everything it said so far. */
  output(): string
  /** SIGKILL, and gone when this resolves. */
  readonly kill: () => Promise<void>
  /** SIGTERM, and its exit code. */
  readonly stop: () => Promise<number | null>
}

export const COFFER_MAIN: string = join(import.meta.dirname, '../../src/cli/main.ts')
export const ROOT_USER = 'power-test'
export const ROOT_PASSWORD = 'power-test-password'
const START_TIMEOUT_MS = 20_000

export class ServerDidNotStart extends Error {}

/**
 * Resolves when the server has printed its address; rejects with what it said when it ends before.
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const main = options.main ?? COFFER_MAIN
  const serve = [main, 'serve', options.folder, '--listen', '127.0.0.1:0']
  const words = [...(options.runBy ?? []), process.execPath, ...preloaded(options), ...serve]
  const child = spawn(words[0] ?? process.execPath, words.slice(1), {
    env: { ...environment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const said: string[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    return exited
  }
  try {
    const endpoint = await addressOf(child, { said, timeoutMs: options.startTimeoutMs })
    const client = openS3Client({
      endpoint,
      accessKey: ROOT_USER,
      secretKey: ROOT_PASSWORD,
      connections: options.connections ?? 16,
    })
    const closing = (): void => client.close()
    return {
      client,
      endpoint,
      output: () => said.join(''),
      kill: async () => void (await end('SIGKILL').finally(closing)),
      stop: async () => {
        closing()
        return end('SIGTERM')
      },
    }
  } catch (cause) {
    await end('SIGKILL')
    throw cause
  }
}

function preloaded({ preload }: ServerOptions): readonly string[] {
  return preload === undefined ? [] : ['--import', pathToFileURL(preload).href]
}

function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_OPTIONS, NODE_COMPILE_CACHE } = process.env
  return {
    PATH,
    HOME,
    NODE_OPTIONS,
    NODE_COMPILE_CACHE,
    COFFER_ROOT_USER: ROOT_USER,
    COFFER_ROOT_PASSWORD: ROOT_PASSWORD,
  }
}

async function addressOf(
  child: ChildProcess,
  { said, timeoutMs = START_TIMEOUT_MS }: { said: string[]; timeoutMs: number | undefined },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (why: string): void => reject(new ServerDidNotStart(`${why}:\n${said.join('')}`))
  const timer = setTimeout(() => fail(`No address within ${timeoutMs} ms`), timeoutMs)
  child.once('exit', (code, signal) => fail(`It ended with ${code ?? signal} before answering`))
  child.stdout?.on('data', () => {
    const address = /http:\/\/[\w.[\]:]+:\d+/.exec(said.join(''))?.[0]
    if (address !== undefined) resolve(address)
  })
  return promise.finally(() => clearTimeout(timer))
}
