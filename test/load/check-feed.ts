// The feed must tell exactly what happened to each key, in order, once.
import type { Candidate, Entry } from './ledger.ts'
import { S3Refusal } from './s3-calls.ts'
import type { ListedVersion } from './s3-calls.ts'
import type { S3Client } from './s3-client.ts'

/** What `GET /coffer/changes` answers per line, as far as the check looks at it. */
type FeedEntry = {
  readonly sequence: string
  readonly operation: string
  readonly bucket: string
  readonly key?: string
  readonly versionId?: string
  readonly etag?: string
}

export type Disagreement = { readonly name: string; readonly detail: string }

export type KeyStory = {
  /** What must have happened to the key; absent when what it shows is wrong already. */
  readonly candidate: Candidate | undefined
  /** What the lists show. */
  readonly versions: readonly ListedVersion[]
}

/** By name of the key. */
export type KeyStories = ReadonlyMap<string, KeyStory>

const WRITES = new Set(['Put', 'Post', 'Copy', 'Complete'])
const REMOVALS = new Set(['Delete', 'DeleteMarker'])

/** Compares the feed, entry by entry, with what the keys show. */
export async function findDisagreements(
  client: S3Client,
  stories: KeyStories,
): Promise<readonly Disagreement[]> {
  const entries = await readFeed(client)
  const told = Map.groupBy(
    entries.filter(({ operation }) => WRITES.has(operation) || REMOVALS.has(operation)),
    ({ bucket, key }) => `${bucket}/${key}`,
  )
  const disagreements = outOfOrder(entries)
  for (const [name, { candidate, versions }] of stories) {
    const detail = candidate && compare(told.get(name) ?? [], { candidate, versions })
    told.delete(name)
    if (detail !== undefined) disagreements.push({ name, detail })
  }
  for (const name of told.keys()) {
    disagreements.push({ name, detail: 'the feed names a key that nobody wrote' })
  }
  return disagreements
}

async function readFeed(client: S3Client): Promise<readonly FeedEntry[]> {
  const answer = await client.send({ method: 'GET', path: '/coffer/changes' })
  if (answer.status !== 200) throw new S3Refusal(answer, 'GET /coffer/changes')
  const lines = answer.body.toString().split('\n')
  return lines.filter((line) => line !== '').map((line): FeedEntry => JSON.parse(line))
}

function outOfOrder(entries: readonly FeedEntry[]): Disagreement[] {
  return entries.flatMap(({ sequence }, place) => {
    const before = entries[place - 1]?.sequence
    if (before === undefined || before.length < sequence.length || before < sequence) return []
    return [{ name: sequence, detail: `follows ${before}` }]
  })
}

function compare(
  told: readonly FeedEntry[],
  {
    candidate: { applied },
    versions,
  }: Pick<KeyStory, 'versions'> & { readonly candidate: Candidate },
): string | undefined {
  if (told.length !== applied.length) {
    const operations = told.map(({ operation }) => operation).join(', ')
    return `${applied.length} writes, but the feed tells [${operations}]`
  }
  const wrong = applied.findIndex((entry, place) => !tells(told[place], entry))
  if (wrong >= 0) return `write ${wrong} is told as ${JSON.stringify(told[wrong])}`
  const written = told.filter(({ operation }) => operation !== 'Delete')
  const untold = versions.find(
    ({ versionId, etag, deleteMarker }) =>
      !written.some((one) => one.versionId === versionId && (deleteMarker || one.etag === etag)),
  )
  return untold === undefined ? undefined : `the feed never told version ${untold.versionId}`
}

function tells(told: FeedEntry | undefined, entry: Entry): boolean {
  if (told === undefined) return false
  if (entry.act !== 'put') return REMOVALS.has(told.operation)
  if (!WRITES.has(told.operation)) return false
  return entry.answer?.etag === undefined || entry.answer.etag === told.etag
}
