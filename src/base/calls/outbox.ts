import type { MessagePort, Transferable } from 'node:worker_threads'

/** Messages on their way to another thread. */
export type Outbox<Message> = {
  /** It goes with all others of this turn of the event loop, in order. */
  send(message: Message, transferred?: Transferable): void
}

/** One end of a channel between threads. */
export type Port = Pick<MessagePort, 'postMessage' | 'on'>

/** A batch costs little more than one message: most of the cost is waking the other thread. */
export function createOutbox<Message>(port: Port): Outbox<Message> {
  let batch: Message[] = []
  let transferred: Transferable[] = []
  const flush = (): void => {
    const messages = batch
    const buffers = transferred
    batch = []
    transferred = []
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is no window
    port.postMessage(messages, buffers)
  }
  return {
    send(message, buffer) {
      if (batch.length === 0) setImmediate(flush)
      batch.push(message)
      if (buffer !== undefined) transferred.push(buffer)
    },
  }
}
