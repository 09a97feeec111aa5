/** Calls from one thread to another: what is asked here is carried out there. */
import type { AnswerMessage, CallId, CallMessage } from './messages.ts'
import { createOutbox, type Outbox, type Port } from './outbox.ts'
import { receiveError, type ReviveErrors } from './sent-errors.ts'
import { createChunkPool } from './chunk-buffers.ts'
import { sendBody, type OutgoingBody, type SendingBody } from './send-body.ts'

export type Call = {
  readonly name: string
  /** Plain data: what structured cloning takes. */
  readonly args: readonly unknown[]
}

export interface Caller {
  /** What the call gives there, or the error that it throws there. */
  call<Result>(call: Call): Promise<Result>
  /** As `call`, with bytes that follow as fast as they are taken. */
  callWithBody<Result>(call: Call, body: OutgoingBody): Promise<Result>
  /** The items that the call gives there, one by one. */
  iterate<Item>(call: Iteration): AsyncGenerator<Item, void>
}

type Pending = {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly body?: SendingBody
}

type Item = { readonly resolve: (result: IteratorResult<unknown>) => void } & Pick<
  Pending,
  'reject'
>

type Calls = {
  readonly outbox: Outbox<CallMessage>
  readonly pending: Map<CallId, Pending>
  readonly items: Map<CallId, Item>
  lastId: CallId
}

/** Calls go out over the port; `revive` makes the errors of known classes again. */
export function createCaller(port: Port, revive: ReviveErrors = {}): Caller {
  const calls: Calls = {
    outbox: createOutbox(port),
    pending: new Map(),
    items: new Map(),
    lastId: 0,
  }
  port.on('message', (answers: readonly AnswerMessage[]) => {
    for (const answer of answers) take(calls, answer, revive)
  })
  const pool = createChunkPool()
  return {
    call: (call) => begin(calls, call),
    callWithBody: async (call, body) =>
      sendBody(body, pool.open(), (sending) => begin(calls, call, sending)),
    iterate: (call) => iterate(calls, call),
  }
}

async function begin<Result>(
  calls: Calls,
  { name, args }: Call,
  body?: SendingBody,
): Promise<Result> {
  const id = (calls.lastId += 1)
  const { outbox, pending } = calls
  const result = await new Promise<unknown>((resolve, reject) => {
    pending.set(id, { resolve, reject, ...(body && { body }) })
    outbox.send({ say: 'call', id, name, args, ...(body && { body: body.first }) })
    body?.start(id, outbox)
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the callee gives
  return result as Result
}

type Iteration = Call & { readonly signal?: AbortSignal }

/** An abort ends it cleanly and at once; what goes on there is stopped, and not waited for. */
async function* iterate<Value>(calls: Calls, call: Iteration): AsyncGenerator<Value, void> {
  const { outbox, items } = calls
  const id = await begin<CallId>(calls, { name: call.name, args: call.args })
  const stop = (): void => {
    outbox.send({ say: 'abort', id })
    settle(items, id)?.resolve(OVER)
  }
  let isOver = false
  call.signal?.addEventListener('abort', stop)
  try {
    while (call.signal?.aborted !== true) {
      const { done, value } = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        items.set(id, { resolve, reject })
        outbox.send({ say: 'next', id })
      }).catch((error: unknown) => {
        isOver = true
        throw error
      })
      isOver = done === true
      if (isOver) return
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      yield value as Value
    }
  } finally {
    call.signal?.removeEventListener('abort', stop)
    if (!isOver) outbox.send({ say: 'abort', id })
  }
}

const OVER: IteratorResult<unknown> = { done: true, value: undefined }

function take(calls: Calls, answer: AnswerMessage, revive: ReviveErrors): void {
  const { pending, items } = calls
  const { id } = answer
  switch (answer.say) {
    case 'result':
      return settle(pending, id)?.resolve(answer.value)
    case 'iterates':
      return settle(pending, id)?.resolve(id)
    case 'item':
      return settle(items, id)?.resolve(answer.result)
    case 'error':
      return (settle(pending, id) ?? settle(items, id))?.reject(receiveError(answer.error, revive))
    case 'want':
      return pending.get(id)?.body?.want(answer.buffer)
    case 'body-unwanted':
      return pending.get(id)?.body?.end()
  }
}

function settle<Waiting>(all: Map<CallId, Waiting>, id: CallId): Waiting | undefined {
  const waiting = all.get(id)
  all.delete(id)
  return waiting
}
