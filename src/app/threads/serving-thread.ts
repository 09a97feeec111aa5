// The entry of a thread that serves: the same protocols as in one thread, over a store and a
// directory that the main thread keeps.
import { type MessagePort, workerData } from 'node:worker_threads'
import { answerCalls, calleeOf, type Callee, type Callees } from '../../base/calls/callee.ts'
import { systemClock } from '../../base/clock.ts'
import type { ListenOptions } from '../../protocols/http/server.ts'
import type { Certificate } from '../../protocols/http/tls/certificate.ts'
import type { Account } from '../../services/access/caller.ts'
import { composeProtocols, type Program } from '../compose-protocols.ts'
import { callMainThread, connectFoundation } from '../compose-thread.ts'
import type { Configuration } from '../settings/settings.ts'
import { openMonitoring } from '../metrics/monitoring.ts'
import { openLog } from '../open-log.ts'
import { serve } from '../serving.ts'

/** What the thread is given when it begins. */
export type ThreadBeginning = {
  readonly configuration: Configuration
  /** What tells it from the others. */
  readonly name: string
  readonly isTerminal: boolean
  /** To call the main thread, and to be called by it. */
  readonly up: MessagePort
  readonly down: MessagePort
}

/** What it is told when the main thread has opened the store. */
export type ThreadStart = {
  readonly listen: ListenOptions
  readonly certificate: Certificate | undefined
  readonly program: Program
  readonly accounts: readonly Account[]
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what serving-threads.ts gives
const { configuration, name, isTerminal, up, down } = workerData as ThreadBeginning

const clock = systemClock
const log = openLog(configuration, { isTerminal })
const caller = callMainThread(up)
const monitoring = await openMonitoring(configuration, { clock, log, thread: name })

const callees: Record<string, Callee> = {
  'thread.start': async ({ args: [start] }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what serving-threads.ts sends
    const { callees: started, port } = await begin(start as ThreadStart)
    Object.assign(callees, started)
    return port
  },
}
answerCalls(down, callees)

type Begun = { readonly callees: Callees; readonly port: number }

/** The thread serves. @throws as `serve` */
async function begin({ listen, certificate, program, accounts }: ThreadStart): Promise<Begun> {
  const foundation = connectFoundation(caller, { configuration, clock, accounts })
  const protocols = composeProtocols(foundation, configuration, {
    clock,
    log,
    program,
  })
  const serving = await serve({ configuration, listen, certificate, protocols, monitoring, log })
  await monitoring.start({ server: serving, changes: undefined })
  return {
    port: serving.port,
    callees: {
      ...foundation.callees,
      'thread.collect': calleeOf(monitoring, 'collect'),
      'thread.load': calleeOf(serving, 'load'),
      'thread.replaceCertificate': calleeOf(serving, 'replaceCertificate'),
      'thread.stop': async () => {
        await serving.stop()
        await monitoring.close()
        await foundation.close()
      },
    },
  }
}
