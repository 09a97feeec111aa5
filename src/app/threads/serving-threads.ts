/** Several threads that serve, over the store that the main thread keeps. */
import nodeModule from 'node:module'
import { dirname, extname } from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { answerCalls, type Callees } from '../../base/calls/callee.ts'
import { type Caller, createCaller } from '../../base/calls/caller.ts'
import type { ThreadMetrics } from '../../base/metrics/registry.ts'
import type { ServerLoad } from '../../protocols/http/server.ts'
import type { Certificate } from '../../protocols/http/tls/certificate.ts'
import { assertFree } from '../../protocols/http/listening/assert-free.ts'
import type { DirectoryListeners } from '../../services/access/directory/open-directory.ts'
import { foundationCallees, type OpenFoundation } from '../compose.ts'
import type { Configuration } from '../settings/settings.ts'
import type { Serving } from '../serving.ts'
import type { ThreadBeginning, ThreadStart } from './serving-thread.ts'

/** Threads that have begun; they load their code while the main thread opens the store. */
export type ServingThreads = {
  /** Who must hear when somebody's rights change. */
  readonly listeners: DirectoryListeners
  /** The figures of all of them. */
  collect(): Promise<readonly ThreadMetrics[]>
  /** All of them serve at one address. @throws as `serve` */
  start(foundation: OpenFoundation, options: StartOptions): Promise<Serving>
  /** They have ended, whatever they did. */
  close(): Promise<void>
}

export type StartOptions = Omit<ThreadStart, 'listen' | 'accounts'> & {
  readonly listen: Configuration['listen']
}

type Thread = {
  readonly caller: Caller
  /** To hear its calls. */
  readonly up: MessagePort
  close(): Promise<void>
}

/** So many threads begin. What one of them does not catch ends the program. */
export function beginServingThreads(configuration: Configuration): ServingThreads {
  const isTerminal = process.stderr.isTTY
  const threads = Array.from({ length: configuration.threads }, (_, place) =>
    beginThread({ configuration, name: `serving-${place + 1}`, isTerminal }),
  )
  /** Those that serve; the others have nothing to forget. */
  const serving: Thread[] = []
  const tellAll = async (name: string, ...args: readonly unknown[]): Promise<void> => {
    await Promise.all(serving.map(({ caller }) => caller.call({ name, args })))
  }
  return {
    listeners: {
      changed: (accounts) => tellAll('directory.changed', accounts),
      seen: () => void tellAll('directory.seen'),
    },
    collect: () => askAll<ThreadMetrics>(serving, 'thread.collect'),
    async start(foundation, options) {
      const { host } = options.listen
      let { port } = options.listen
      if (port !== 0) await assertFree({ host, port })
      for (const thread of threads) {
        answerCalls(thread.up, calleesFor(thread, foundation))
        const accounts = await foundation.directory.accounts.list()
        // The first one takes the port, and the others join it.
        const listen = { host, port, reusePort: true } as const
        port = await startThread(thread, { ...options, listen, accounts })
        serving.push(thread)
        // What has changed until it was one of those who are told.
        const now = await foundation.directory.accounts.list()
        await thread.caller.call({ name: 'directory.changed', args: [now] })
      }
      return servingOf(threads, { host, port, isSecure: options.certificate !== undefined })
    },
    async close() {
      serving.length = 0
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

function calleesFor(thread: Thread, foundation: OpenFoundation): Callees {
  const forget = (segment: number): void => {
    void thread.caller.call({ name: 'reader.forgetSegment', args: [segment] })
  }
  return foundationCallees(foundation, forget)
}

/** Gives the port. */
function startThread({ caller }: Thread, start: ThreadStart): Promise<number> {
  return caller.call({ name: 'thread.start', args: [start] })
}

const END_TIMEOUT_MS = 2000

function beginThread(beginning: Omit<ThreadBeginning, 'up' | 'down'>): Thread {
  const up = new MessageChannel()
  const down = new MessageChannel()
  const workerData: ThreadBeginning = { ...beginning, up: up.port2, down: down.port2 }
  // Options of the process, such as `--eval`, are not for the thread.
  const worker = new Worker(workerFile(), {
    name: beginning.name,
    workerData,
    transferList: [up.port2, down.port2],
    execArgv: [],
    env: threadEnvironment(),
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  return {
    caller: createCaller(down.port1),
    up: up.port1,
    async close() {
      // Without its channels it has nothing left to wait for.
      up.port1.close()
      down.port1.close()
      // Unless it was never told to stop, since another one could not start.
      const late = setTimeout(() => void worker.terminate(), END_TIMEOUT_MS)
      await ended
      clearTimeout(late)
    },
  }
}

/** All that it needs: a thread does not take over that the process keeps compiled code. */
function threadEnvironment(): NodeJS.Dict<string> {
  const folder = nodeModule.getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }
}

/** Beside this file, and TypeScript or built as this one is. */
function workerFile(): URL {
  return new URL(`./serving-thread${extname(import.meta.url)}`, import.meta.url)
}

function askAll<Result>(threads: readonly Thread[], name: string): Promise<readonly Result[]> {
  return Promise.all(threads.map(({ caller }) => caller.call<Result>({ name, args: [] })))
}

type Address = { readonly host: string; readonly port: number; readonly isSecure: boolean }

function servingOf(threads: readonly Thread[], { host, port, isSecure }: Address): Serving {
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    url: `${isSecure ? 'https' : 'http'}://${shownHost}:${port}`,
    port,
    async load() {
      const loads = await askAll<ServerLoad>(threads, 'thread.load')
      const sumOf = (name: keyof ServerLoad): number =>
        loads.reduce((sum, each) => sum + each[name], 0)
      return {
        connections: sumOf('connections'),
        connectionsRefused: sumOf('connectionsRefused'),
        requestsUnderWay: sumOf('requestsUnderWay'),
        requestsWaiting: sumOf('requestsWaiting'),
      }
    },
    async replaceCertificate(certificate: Certificate) {
      const args = [certificate]
      await Promise.all(
        threads.map(({ caller }) => caller.call({ name: 'thread.replaceCertificate', args })),
      )
    },
    async stop() {
      await askAll(threads, 'thread.stop')
    },
  }
}
