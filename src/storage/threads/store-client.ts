/**
 * A store that another thread has open: this thread reads by itself, and asks the other to write.
 * Bodies are checked and hashed here, before they cross.
 */
import type { Caller } from '../../base/calls/caller.ts'
import type { Body } from '../body.ts'
import type { ChangeOptions, ObjectStore, StoreCapabilities } from '../object-store.ts'
import { StorageError } from '../storage-error.ts'
import type { StoreReader } from './store-reader.ts'

export type StoreClientOptions = {
  readonly caller: Caller
  readonly reader: StoreReader
  readonly capabilities: StoreCapabilities
}

/** The store, for this thread. Closing it closes the reader; the other thread keeps the store. */
export function createStoreClient(options: StoreClientOptions): ObjectStore {
  const { reader, capabilities } = options
  const closing = new AbortController()
  const caller = untilClosed(options.caller, closing.signal)
  const ask = askOver(caller)
  const send = sendOver(caller)
  let closed: Promise<void> | undefined
  return {
    capabilities,
    buckets: {
      ...reader.buckets,
      create: (name, how) => ask('buckets.create', how, [name]),
      update: (name, change, how) => ask('buckets.update', how, [name, change]),
      delete: (name, how) => ask('buckets.delete', how, [name]),
    },
    objects: {
      ...reader.objects,
      async put(name, body, how) {
        // Refused before the client is asked for the bytes.
        await reader.buckets.get(name.bucket)
        return send('objects.put', { name, how }, body)
      },
      update: (name, change, how) => ask('objects.update', how, [name, change]),
      copy: (source, name, how) => ask('objects.copy', how, [source, name]),
      delete: (name, how) => ask('objects.delete', how, [name]),
    },
    uploads: {
      ...reader.uploads,
      begin: (name, how) => ask('uploads.begin', how, [name]),
      async putPart(name, body, how) {
        await reader.uploads.listParts(name, { limit: 1 })
        return send('uploads.putPart', { name, how }, body)
      },
      copyPart: (name, source, how) => ask('uploads.copyPart', how, [name, source]),
      complete: (name, parts, how) => ask('uploads.complete', how, [name, parts]),
      abort: (name, how) => ask('uploads.abort', how, [name]),
    },
    documents: {
      ...reader.documents,
      put: (bucket, document, how) => ask('documents.put', how, [bucket, document]),
      delete: (bucket, name, how) => ask('documents.delete', how, [bucket, name]),
    },
    commits: {
      prepare: (bucket, body, how) => send('commits.prepare', { name: bucket, how }, body),
      discard: (prepared) => caller.call({ name: 'commits.discard', args: [prepared] }),
      commit: (writes, how) => ask('commits.commit', how, [writes]),
    },
    changes: {
      read: (cursor, signal) => caller.iterate({ name: 'changes.read', args: [cursor], signal }),
      oldest: () => caller.call({ name: 'changes.oldest', args: [] }),
      head: () => caller.call({ name: 'changes.head', args: [] }),
      count: () => caller.call({ name: 'changes.count', args: [] }),
      trim: (cursor) => caller.call({ name: 'changes.trim', args: [cursor] }),
    },
    close() {
      closing.abort()
      closed ??= reader.close()
      return closed
    },
  }
}

/** Calls nobody any more once it is closed; streams that go on for ever end. */
function untilClosed(caller: Caller, closing: AbortSignal): Caller {
  const assertOpen = (): void => {
    if (closing.aborted) throw new StorageError('Closed', 'The store is closed.')
  }
  return {
    async call(call) {
      assertOpen()
      return caller.call(call)
    },
    async callWithBody(call, body) {
      assertOpen()
      return caller.callWithBody(call, body)
    },
    iterate(call) {
      assertOpen()
      const signals = call.signal === undefined ? [closing] : [call.signal, closing]
      return caller.iterate({ ...call, signal: AbortSignal.any(signals) })
    },
  }
}

type Ask = <Result>(name: string, how: ChangeOptions, args: readonly unknown[]) => Promise<Result>

/** A write that has begun in the other thread comes to its end, whoever has gone away. */
function askOver(caller: Caller): Ask {
  return async (name, { signal, ...options }, args) => {
    signal?.throwIfAborted()
    return caller.call({ name, args: [...args, options] })
  }
}

type Written = { readonly name: unknown; readonly how: ChangeOptions }
type Send = <Result>(call: string, written: Written, body: Body) => Promise<Result>

function sendOver(caller: Caller): Send {
  return async (call, { name, how: { signal, ...options } }, body) => {
    signal?.throwIfAborted()
    const { size } = body
    const outgoing = {
      bytes: signal === undefined ? body.bytes : untilAborted(body.bytes, signal),
      size,
      trailer: () => body.digest(),
    }
    return caller.callWithBody({ name: call, args: [name, size, options] }, outgoing)
  }
}

async function* untilAborted(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of bytes) {
    signal.throwIfAborted()
    yield chunk
  }
  signal.throwIfAborted()
}
