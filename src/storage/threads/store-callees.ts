/** A store, ready to be called from other threads: the other end of `store-client.ts`. */
import type { Callee, Callees, ReceivedCall } from '../../base/calls/callee.ts'
import type { ChangeCursor } from '../change-feed.ts'
import type { ObjectStore } from '../object-store.ts'

/** All of the store that a thread does not read by itself. */
export function storeCallees(store: ObjectStore): Callees {
  const { buckets, objects, uploads, documents, commits, changes } = store
  return {
    'buckets.create': callee(buckets, 'create'),
    'buckets.update': callee(buckets, 'update'),
    'buckets.delete': callee(buckets, 'delete'),
    'objects.put': calleeWithBody(objects, 'put'),
    'objects.update': callee(objects, 'update'),
    'objects.copy': callee(objects, 'copy'),
    'objects.delete': callee(objects, 'delete'),
    'uploads.begin': callee(uploads, 'begin'),
    'uploads.putPart': calleeWithBody(uploads, 'putPart'),
    'uploads.copyPart': callee(uploads, 'copyPart'),
    'uploads.complete': callee(uploads, 'complete'),
    'uploads.abort': callee(uploads, 'abort'),
    'documents.put': callee(documents, 'put'),
    'documents.delete': callee(documents, 'delete'),
    ...(commits && {
      'commits.prepare': calleeWithBody(commits, 'prepare'),
      'commits.discard': callee(commits, 'discard'),
      'commits.commit': callee(commits, 'commit'),
    }),
    ...(changes && {
      'changes.oldest': callee(changes, 'oldest'),
      'changes.head': callee(changes, 'head'),
      'changes.count': callee(changes, 'count'),
      'changes.trim': callee(changes, 'trim'),
      'changes.read': ({ args: [cursor], signal }: ReceivedCall) =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the client sends it
        changes.read(cursor as ChangeCursor | undefined, signal),
    }),
  }
}

function callee<Part extends object>(part: Part, method: keyof Part): Callee {
  return ({ args }) => invoke(part, method, args)
}

/** The body's bytes come beside the call, its size with it, and its digest behind it. */
function calleeWithBody<Part extends object>(part: Part, method: keyof Part): Callee {
  return ({ args: [name, size, options], body: received }) => {
    if (received === undefined) throw new Error('The call came without its body.')
    const body = { bytes: received.bytes, size, digest: () => received.trailer() }
    return invoke(part, method, [name, body, options])
  }
}

function invoke(part: object, method: PropertyKey, args: readonly unknown[]): unknown {
  const act: unknown = Reflect.get(part, method)
  if (typeof act !== 'function') throw new Error(`The store has no ${String(method)}.`)
  return Reflect.apply(act, part, args)
}
