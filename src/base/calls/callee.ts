/** The other end of calls: carries out what another thread asks for, and answers. */
import type { AnswerMessage, CallId, CallMessage } from './messages.ts'
import { createOutbox, type Outbox, type Port } from './outbox.ts'
import { receiveBody, type ReceivedBody, type ReceivingBody, wholeBody } from './receive-body.ts'
import { sendError, type ReviveErrors } from './sent-errors.ts'

/** A call as it arrives. */
export type ReceivedCall = {
  readonly args: readonly unknown[]
  /** Aborted when the caller wants no more items. */
  readonly signal: AbortSignal
  /** Present when the call brings bytes. */
  readonly body: ReceivedBody | undefined
}

/** Carries out calls of one name: gives a value, or items one by one. */
export type Callee = (call: ReceivedCall) => unknown

export type Callees = Readonly<Record<string, Callee>>

/** Calls of a method, with the arguments as they were sent. */
export function calleeOf<Part extends object>(part: Part, method: keyof Part): Callee {
  return ({ args }) => invoke(part, method, args)
}

/** What the method gives. Which arguments it takes is known to the caller alone. */
export function invoke(part: object, method: PropertyKey, args: readonly unknown[]): unknown {
  const act: unknown = Reflect.get(part, method)
  if (typeof act !== 'function') throw new Error(`There is no method ${String(method)}.`)
  return Reflect.apply(act, part, args)
}

type Running = {
  /** Made when the call asks for its signal. */
  abort?: AbortController
  readonly body?: ReceivingBody
  items?: AsyncIterator<unknown>
}

type Calls = {
  readonly callees: Callees
  readonly outbox: Outbox<AnswerMessage>
  readonly revive: ReviveErrors
  readonly running: Map<CallId, Running>
}

/** From now on calls that come over the port are answered. */
export function answerCalls(port: Port, callees: Callees, revive: ReviveErrors = {}): void {
  const calls: Calls = { callees, revive, outbox: createOutbox(port), running: new Map() }
  port.on('message', (messages: readonly CallMessage[]) => {
    for (const message of messages) take(calls, message)
  })
}

function take(calls: Calls, message: CallMessage): void {
  const { running } = calls
  const { id } = message
  switch (message.say) {
    case 'call':
      return void run(calls, message)
    case 'next':
      return void giveItem(calls, id)
    case 'abort':
      return void abandon(calls, id)
    case 'chunk':
      return running.get(id)?.body?.take(message.chunk)
    case 'body-end':
      return running.get(id)?.body?.finish(message.trailer)
    case 'body-failed':
      return running.get(id)?.body?.fail(message.error)
  }
}

async function run(
  { callees, outbox, revive, running }: Calls,
  { id, name, args, body: sent }: Extract<CallMessage, { readonly say: 'call' }>,
): Promise<void> {
  const receiving = sent === 'follows' ? receiveBody(id, repliesOver(outbox), revive) : undefined
  const call: Running = { ...(receiving && { body: receiving }) }
  running.set(id, call)
  try {
    const callee = callees[name]
    if (callee === undefined) throw new Error(`Nothing is called ${name} here.`)
    const body = typeof sent === 'object' ? wholeBody(sent) : receiving
    const value = await callee({
      args,
      body,
      get signal() {
        call.abort ??= new AbortController()
        return call.abort.signal
      },
    })
    if (isIterable(value)) {
      call.items = value[Symbol.asyncIterator]()
      outbox.send({ say: 'iterates', id })
      return
    }
    running.delete(id)
    outbox.send({ say: 'result', id, value })
  } catch (error) {
    running.delete(id)
    outbox.send({ say: 'error', id, error: sendError(error) })
  }
}

function repliesOver(outbox: Outbox<AnswerMessage>): Parameters<typeof receiveBody>[1] {
  return {
    want: (id, buffer) => outbox.send({ say: 'want', id, buffer }, buffer),
    unwanted: (id) => outbox.send({ say: 'body-unwanted', id }),
  }
}

async function giveItem({ outbox, running }: Calls, id: CallId): Promise<void> {
  try {
    const result = (await running.get(id)?.items?.next()) ?? OVER
    if (result.done === true) running.delete(id)
    outbox.send({ say: 'item', id, result })
  } catch (error) {
    running.delete(id)
    outbox.send({ say: 'error', id, error: sendError(error) })
  }
}

/** Nobody hears of it any more, not even of its failure. */
async function abandon({ running }: Calls, id: CallId): Promise<void> {
  const call = running.get(id)
  running.delete(id)
  call?.abort?.abort()
  await Promise.resolve(call?.items?.return?.()).catch(() => undefined)
}

const OVER: IteratorResult<unknown> = { done: true, value: undefined }

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
