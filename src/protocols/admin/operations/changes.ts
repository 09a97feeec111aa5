import { findParameter } from '../../http/query.ts'
import { StorageError } from '../../../storage/storage-error.ts'
import { answerLines } from '../line-stream.ts'
import type { AdminOperation } from '../operation.ts'
import { openChanges, toChangeLine } from '../read-changes.ts'

/**
 * `GET /coffer/changes?after=<cursor>&follow=true`: a ChangeLine for every change after the cursor,
 * or from the oldest kept; with `follow`, the answer stays open for those to come.
 */
export const changes: AdminOperation = {
  name: 'ReadChanges',
  method: 'GET',
  path: '/coffer/changes',
  async run(request, { changes: feed, log, stopping }) {
    if (feed === undefined) {
      throw new StorageError('NotSupported', 'The store behind this server has no change feed.')
    }
    const found = await openChanges(feed, {
      after: findParameter(request.query, 'after'),
      follow: findParameter(request.query, 'follow') === 'true',
      signal: AbortSignal.any([request.signal, stopping]),
    })
    return answerLines(toLines(found), { requestId: request.id, log })
  },
}

async function* toLines(found: Awaited<ReturnType<typeof openChanges>>): AsyncGenerator {
  for await (const change of found) yield toChangeLine(change)
}
