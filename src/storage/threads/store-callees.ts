/** A store, ready to be called from other threads: the other end of `store-client.ts`. */
import {
  calleeOf,
  type Callee,
  type Callees,
  invoke,
  type ReceivedCall,
} from '../../base/calls/callee.ts'
import type { ChangeCursor } from '../change-feed.ts'
import type { ObjectStore } from '../object-store.ts'

/** All of the store that a thread does not read by itself. */
export function storeCallees(store: ObjectStore): Callees {
  const { buckets, objects, uploads, documents, commits, changes } = store
  return {
    'buckets.create': calleeOf(buckets, 'create'),
    'buckets.update': calleeOf(buckets, 'update'),
    'buckets.delete': calleeOf(buckets, 'delete'),
    'objects.put': calleeWithBody(objects, 'put'),
    'objects.update': calleeOf(objects, 'update'),
    'objects.copy': calleeOf(objects, 'copy'),
    'objects.delete': calleeOf(objects, 'delete'),
    'uploads.begin': calleeOf(uploads, 'begin'),
    'uploads.putPart': calleeWithBody(uploads, 'putPart'),
    'uploads.copyPart': calleeOf(uploads, 'copyPart'),
    'uploads.complete': calleeOf(uploads, 'complete'),
    'uploads.abort': calleeOf(uploads, 'abort'),
    'documents.put': calleeOf(documents, 'put'),
    'documents.delete': calleeOf(documents, 'delete'),
    ...(commits && {
      'commits.prepare': calleeWithBody(commits, 'prepare'),
      'commits.discard': calleeOf(commits, 'discard'),
      'commits.commit': calleeOf(commits, 'commit'),
    }),
    ...(changes && {
      'changes.oldest': calleeOf(changes, 'oldest'),
      'changes.head': calleeOf(changes, 'head'),
      'changes.count': calleeOf(changes, 'count'),
      'changes.trim': calleeOf(changes, 'trim'),
      'changes.read': ({ args: [cursor], signal }: ReceivedCall) =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the client sends it
        changes.read(cursor as ChangeCursor | undefined, signal),
    }),
  }
}

/** The body's bytes come beside the call, its size with it, and its digest behind it. */
function calleeWithBody<Part extends object>(part: Part, method: keyof Part): Callee {
  return ({ args: [name, size, options], body: received }) => {
    if (received === undefined) throw new Error('The call came without its body.')
    const body = { bytes: received.bytes, size, digest: () => received.trailer() }
    return invoke(part, method, [name, body, options])
  }
}
