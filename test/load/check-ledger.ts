// Compares a reopened store with the ledger: every acknowledged write is there with its exact
// bytes, an unanswered one wholly or not at all, and lists, reads, open uploads and the feed tell
// the same story.
import { findDisagreements } from './check-feed.ts'
import type { KeyStories, KeyStory } from './check-feed.ts'
import { candidatesAt, countAcknowledged, nameOf } from './ledger.ts'
import type {
  BucketEntry,
  Candidate,
  ExpectedVersion,
  KeyHistory,
  Ledger,
  Versioning,
} from './ledger.ts'
import { contentFrom } from './seeded.ts'
import { findParts, getObject, getVersioning, listBuckets } from './s3-calls.ts'
import { listObjects, listVersions } from './s3-calls.ts'
import type { ListedVersion } from './s3-calls.ts'
import type { S3Client } from './s3-client.ts'

export type Finding = {
  /**
   * `lost`: an acknowledged write is gone. `torn`: it is listed, but its bytes are wrong or
   * unreadable. `ghost`: something is there that nobody wrote, or that was deleted. `list` and
   * `feed`: they disagree with what is there.
   */
  readonly kind: 'lost' | 'torn' | 'ghost' | 'list' | 'feed'
  readonly name: string
  readonly detail: string
}

export type CheckReport = {
  /** Requests acknowledged up to the position, which the check therefore insists on. */
  readonly acknowledged: number
  readonly versionsRead: number
  readonly bytesRead: number
  readonly findings: readonly Finding[]
}

export type CheckOptions = {
  readonly client: S3Client
  readonly ledger: Ledger
  /** Where the power went; everything when absent. */
  readonly position?: number
  /** Reads under way at once. */
  readonly readers?: number
}

type Check = {
  readonly client: S3Client
  readonly ledger: Ledger
  readonly position: number
  readonly readers: number
  readonly findings: Finding[]
  versionsRead: number
  bytesRead: number
}

type Task = { readonly name: string; readonly run: () => Promise<void> }

const DEFAULT_READERS = 8

export async function checkLedger(options: CheckOptions): Promise<CheckReport> {
  const { client, ledger, readers = DEFAULT_READERS } = options
  const position = options.position ?? Number.POSITIVE_INFINITY
  const check: Check = {
    client,
    ledger,
    position,
    readers,
    findings: [],
    versionsRead: 0,
    bytesRead: 0,
  }
  const stories = new Map<string, KeyStory>()
  await attempt(check, { name: 'buckets', run: () => checkBuckets(check, stories) })
  await attempt(check, { name: 'feed', run: () => checkFeed(check, stories) })
  await inParallel(
    check,
    ledger.uploads.map((upload) => ({
      name: nameOf(upload),
      run: () => checkUpload(check, upload),
    })),
  )
  const { versionsRead, bytesRead, findings } = check
  const acknowledged = countAcknowledged(ledger, position).all
  return { acknowledged, versionsRead, bytesRead, findings }
}

// ---- buckets and keys

async function checkBuckets(check: Check, stories: Map<string, KeyStory>): Promise<void> {
  for (const bucket of await bucketsToCheck(check)) {
    await attempt(check, { name: bucket.bucket, run: () => checkBucket(check, bucket, stories) })
  }
}

/** Those of the ledger that exist; one that is missing or that nobody made is a finding. */
async function bucketsToCheck(check: Check): Promise<readonly BucketEntry[]> {
  const existing = new Set(await listBuckets(check.client))
  const found = check.ledger.buckets.filter((entry) => {
    const isThere = existing.delete(entry.bucket)
    const isLost = !isThere && isPast(check, entry.answerPosition)
    const isGhost = isThere && !isPast(check, entry.startPosition)
    if (isLost) find(check, 'lost', { name: entry.bucket, detail: 'the bucket is gone' })
    if (isGhost) find(check, 'ghost', { name: entry.bucket, detail: 'it was not made yet' })
    return isThere
  })
  for (const name of existing) find(check, 'ghost', { name, detail: 'nobody made this bucket' })
  return found
}

function isPast({ position }: Check, mark: number | undefined): boolean {
  return mark !== undefined && mark <= position
}

async function checkBucket(
  check: Check,
  { bucket, versioning, answerPosition }: BucketEntry,
  stories: Map<string, KeyStory>,
): Promise<void> {
  if (isPast(check, answerPosition)) await checkVersioning(check, { bucket, versioning })
  const listed = Map.groupBy(await listVersions(check.client, bucket), ({ key }) => key)
  await checkCurrent(check, { bucket, listed })
  const reads: Task[] = []
  for (const history of check.ledger.histories.values()) {
    if (history.bucket !== bucket) continue
    const versions = listed.get(history.key) ?? []
    listed.delete(history.key)
    const candidate = matchingCandidate(check, { history, versions, versioning })
    const name = nameOf(history)
    stories.set(name, { candidate, versions })
    if (candidate === undefined) continue
    reads.push({ name, run: () => checkBytes(check, { history, candidate, versions }) })
  }
  for (const key of listed.keys()) {
    find(check, 'ghost', { name: nameOf({ bucket, key }), detail: 'nobody wrote this key' })
  }
  await inParallel(check, reads)
}

async function checkFeed(check: Check, stories: KeyStories): Promise<void> {
  for (const { name, detail } of await findDisagreements(check.client, stories)) {
    find(check, 'feed', { name, detail })
  }
}

async function checkVersioning(
  check: Check,
  { bucket, versioning }: Pick<BucketEntry, 'bucket' | 'versioning'>,
): Promise<void> {
  const wanted = { unversioned: undefined, enabled: 'Enabled', suspended: 'Suspended' }[versioning]
  const found = await getVersioning(check.client, bucket)
  if (found === wanted) return
  find(check, 'lost', { name: bucket, detail: `versioning is ${found}, not ${wanted}` })
}

/** ListObjectsV2 must show exactly the newest versions that are no delete markers. */
async function checkCurrent(
  check: Check,
  { bucket, listed }: { readonly bucket: string; readonly listed: Map<string, ListedVersion[]> },
): Promise<void> {
  const current = new Map((await listObjects(check.client, bucket)).map((one) => [one.key, one]))
  for (const [key, versions] of listed) {
    const [latest, ...older] = versions
    const object = current.get(key)
    current.delete(key)
    const isShown = object?.etag === latest?.etag && object?.size === latest?.size
    const isRight = latest?.deleteMarker === true ? object === undefined : isShown
    const isOrdered = latest?.isLatest === true && !older.some(({ isLatest }) => isLatest)
    if (isRight && isOrdered) continue
    find(check, 'list', { name: nameOf({ bucket, key }), detail: 'objects and versions disagree' })
  }
  for (const key of current.keys()) {
    find(check, 'list', { name: nameOf({ bucket, key }), detail: 'an object without a version' })
  }
}

type KeyCheck = {
  readonly history: KeyHistory
  readonly versions: readonly ListedVersion[]
}

function matchingCandidate(
  check: Check,
  { history, versions, versioning }: KeyCheck & { readonly versioning: Versioning },
): Candidate | undefined {
  const candidates = candidatesAt(history, { versioning, position: check.position })
  const match = candidates.find((candidate) => areShown(candidate.versions, versions))
  if (match !== undefined) return match
  const wanted = candidates[0]?.versions ?? []
  const isMissing = wanted.some((one) => !versions.some((version) => isSameVersion(one, version)))
  const detail = `wanted ${describe(wanted)}, found ${describe(versions)}`
  find(check, isMissing ? 'lost' : 'ghost', { name: nameOf(history), detail })
  return undefined
}

function areShown(wanted: readonly ExpectedVersion[], found: readonly ListedVersion[]): boolean {
  if (wanted.length !== found.length) return false
  return wanted.every((one, place) => {
    const version = found[place]
    return version !== undefined && isSameVersion(one, version)
  })
}

function isSameVersion(wanted: ExpectedVersion, found: ListedVersion): boolean {
  if (wanted.deleteMarker !== found.deleteMarker) return false
  if (wanted.versionId !== undefined && wanted.versionId !== found.versionId) return false
  if (wanted.deleteMarker) return true
  return sizeOf(wanted) === found.size && (wanted.etag ?? found.etag) === found.etag
}

function sizeOf({ content }: ExpectedVersion): number {
  return content.reduce((sum, { size }) => sum + size, 0)
}

function describe(versions: readonly (ExpectedVersion | ListedVersion)[]): string {
  const texts = versions.map(({ deleteMarker, versionId, etag }) => {
    return deleteMarker ? `marker ${versionId}` : `${versionId}=${etag}`
  })
  return `[${texts.join(', ')}]`
}

// ---- bytes

async function checkBytes(
  check: Check,
  { history, candidate, versions }: KeyCheck & { readonly candidate: Candidate },
): Promise<void> {
  await checkLatest(check, { history, latest: candidate.versions[0] })
  for (const [place, { deleteMarker, content }] of candidate.versions.entries()) {
    const versionId = versions[place]?.versionId
    if (!deleteMarker && place > 0) await checkVersion(check, { history, content, versionId })
  }
}

async function checkLatest(
  check: Check,
  { history, latest }: { history: KeyHistory; latest: ExpectedVersion | undefined },
): Promise<void> {
  if (latest?.deleteMarker === false) {
    await checkVersion(check, { history, content: latest.content, versionId: undefined })
    return
  }
  const { status } = await getObject(check.client, { bucket: history.bucket, key: history.key })
  if (status === 404) return
  find(check, 'ghost', { name: nameOf(history), detail: `a deleted key was answered ${status}` })
}

async function checkVersion(
  check: Check,
  {
    history,
    content,
    versionId,
  }: Pick<ExpectedVersion, 'content' | 'versionId'> & { readonly history: KeyHistory },
): Promise<void> {
  const name = `${nameOf(history)}@${versionId ?? 'latest'}`
  const { status, body } = await getObject(check.client, { ...history, versionId })
  check.versionsRead += 1
  check.bytesRead += body.length
  if (status !== 200) find(check, 'torn', { name, detail: `listed, but answered ${status}` })
  else if (!contentFrom(content).equals(body)) find(check, 'torn', { name, detail: 'other bytes' })
}

// ---- uploads

async function checkUpload(check: Check, upload: Ledger['uploads'][number]): Promise<void> {
  const isClosed = isPast(check, upload.closedPosition)
  if (!isPast(check, upload.begunPosition)) return
  if (isPast(check, upload.closingPosition) && !isClosed) return
  const name = `${nameOf(upload)}?uploadId=${upload.uploadId}`
  const parts = await findParts(check.client, upload)
  if (isClosed) {
    if (parts !== undefined) find(check, 'ghost', { name, detail: 'a completed upload is open' })
    return
  }
  if (parts === undefined) find(check, 'lost', { name, detail: 'the open upload is gone' })
  const wanted = upload.parts.filter((part) => isPast(check, part.position))
  for (const { partNumber, etag } of parts === undefined ? [] : wanted) {
    const isThere = parts?.some((part) => part.partNumber === partNumber && part.etag === etag)
    if (isThere !== true) find(check, 'lost', { name, detail: `part ${partNumber} is gone` })
  }
}

// ----

function find(check: Check, kind: Finding['kind'], { name, detail }: Omit<Finding, 'kind'>): void {
  check.findings.push({ kind, name, detail })
}

/** A task that fails is a finding of its own: what it would have shown cannot be read. */
async function inParallel(check: Check, tasks: readonly Task[]): Promise<void> {
  const queue = tasks.values()
  const work = async (): Promise<void> => {
    for (const task of queue) await attempt(check, task)
  }
  await Promise.all(Array.from({ length: check.readers }, work))
}

async function attempt(check: Check, { name, run }: Task): Promise<void> {
  try {
    await run()
  } catch (cause) {
    find(check, 'torn', { name, detail: `cannot be read: ${String(cause)}` })
  }
}
