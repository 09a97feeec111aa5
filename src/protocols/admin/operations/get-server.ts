import type { ChangeFeed } from '../../../storage/change-feed.ts'
import type { Buckets } from '../../../storage/object-store.ts'
import type { FeedAnswer, ServerAnswer } from '../contract.ts'
import { answerJson } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'

/** `GET /coffer/info`: what runs, and what is known of its store without counting. */
export const getServer: AdminOperation = {
  name: 'GetServer',
  method: 'GET',
  path: '/coffer/info',
  async run(request, { program, maintenance, changes, buckets, clock }) {
    const store = await maintenance?.describe()
    const feed = changes === undefined ? undefined : await describeFeed(changes, request.signal)
    const answer: ServerAnswer = {
      ...program,
      uptimeSeconds: Math.floor((clock.now() - program.startedAt.getTime()) / 1000),
      buckets: await countBuckets(buckets),
      ...(store && { store }),
      ...(feed && { feed }),
    }
    return answerJson(answer, request)
  },
}

/** Two of its entries are read. */
async function describeFeed(changes: ChangeFeed, signal: AbortSignal): Promise<FeedAnswer> {
  const entries = await changes.count()
  const head = await changes.head()
  if (entries === 0) return { entries, head }
  const oldest = await readFirst(changes, signal)
  return { entries, head, newestAt: momentOf(head), ...(oldest && { oldestAt: oldest }) }
}

async function readFirst(changes: ChangeFeed, signal: AbortSignal): Promise<Date | undefined> {
  for await (const { at } of changes.read(undefined, signal)) return at
  return undefined
}

/** A sequence is a time in nanoseconds, or just above. */
function momentOf(cursor: string): Date {
  return new Date(Number(BigInt(`0x${cursor}`) / 1_000_000n))
}

const PAGE = 1000

async function countBuckets(buckets: Pick<Buckets, 'list'>): Promise<number> {
  let count = 0
  for (let after: string | undefined; ;) {
    const page = await buckets.list({ limit: PAGE, ...(after !== undefined && { after }) })
    count += page.buckets.length
    if (page.next === undefined) return count
    after = page.next
  }
}
