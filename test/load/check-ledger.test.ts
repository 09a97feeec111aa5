// The check must find what it is there for: each test bends the ledger, so that a sound store looks
// broken.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { checkLedger } from './check-ledger.ts'
import type { CheckReport } from './check-ledger.ts'
import { createLedger, isSettled, wasApplied } from './ledger.ts'
import type { Entry, KeyHistory, Ledger } from './ledger.ts'
import { prepareBuckets, runMixedLoad } from './mixed-load.ts'
import type { S3Client } from './s3-client.ts'
import { startServer } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

const SEED = Date.now() % 1_000_000
const STATES = 150

let count = 0
const ledger = createLedger(() => (count += 1))
let folder: string
let server: ServerProcess

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-ledger-'))
  server = await startServer({ folder, environment: { COFFER_STORE: 'memory' } })
  await prepareBuckets(server.client, ledger)
  const load = { client: server.client, ledger, seed: SEED, workers: 4, states: STATES }
  assert.deepEqual((await runMixedLoad(load)).refusals, [])
})

after(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

function check(bent: Partial<Ledger>, client: S3Client = server.client): Promise<CheckReport> {
  return checkLedger({ client, ledger: { ...ledger, ...bent } })
}

async function kindsFound(bent: Partial<Ledger>, client?: S3Client): Promise<readonly string[]> {
  const { findings } = await check(bent, client)
  return [...new Set(findings.map(({ kind }) => kind))].toSorted()
}

/** The ledger's keys, one of which is another one now. */
function bend(
  isWanted: (history: KeyHistory) => boolean,
  change: (history: KeyHistory) => Partial<KeyHistory>,
): Partial<Ledger> {
  const found = ledger.histories.entries().find(([, history]) => isWanted(history))
  assert.ok(found, `the load of seed ${SEED} has no such key`)
  const [name, history] = found
  return { histories: new Map([...ledger.histories, [name, { ...history, ...change(history) }]]) }
}

/** A key in the unversioned bucket that shows what its last entry put. */
function showsLastPut({ bucket, entries }: KeyHistory): boolean {
  const last = entries.at(-1)
  if (bucket !== 'plain' || last?.act !== 'put' || !entries.every(isSettled)) return false
  return wasApplied(last, Number.POSITIVE_INFINITY) && size(last) > 0
}

function size({ content = [] }: Entry): number {
  return content.reduce((sum, piece) => sum + piece.size, 0)
}

function unanswered(entry: Entry): Entry {
  return { ...entry, answer: undefined }
}

test(`a store in which all is well has no findings; seed ${SEED}`, async () => {
  const { findings, acknowledged, versionsRead } = await check({})
  assert.deepEqual(findings, [])
  assert.ok(acknowledged >= STATES)
  assert.ok(versionsRead > 0)
})

test('an acknowledged write that is not there is lost', async () => {
  const name = 'plain/never-written'
  const source = ledger.histories.values().find(showsLastPut)
  assert.ok(source)
  const histories = new Map([...ledger.histories, [name, { ...source, key: 'never-written' }]])
  assert.ok((await kindsFound({ histories })).includes('lost'))
})

test('other bytes of the same size are torn', async () => {
  const bent = bend(showsLastPut, ({ entries }) => {
    const others = entries.map((entry) => ({
      ...entry,
      content: entry.content?.map((piece) => ({ ...piece, seed: piece.seed + 1 })) ?? [],
    }))
    return { entries: others }
  })
  assert.deepEqual(await kindsFound(bent), ['torn'])
})

test('an object that nobody wrote is a ghost, and the feed names it too', async () => {
  const histories = new Map(ledger.histories)
  const name = histories.entries().find(([, history]) => showsLastPut(history))?.[0]
  assert.ok(name)
  histories.delete(name)
  assert.deepEqual(await kindsFound({ histories }), ['feed', 'ghost'])
})

test('a write that was never answered may be there or not', async () => {
  const bent = bend(showsLastPut, ({ entries }) => ({
    entries: [...entries.slice(0, -1), ...entries.slice(-1).map(unanswered)],
  }))
  assert.deepEqual(await kindsFound(bent), [])
  const planned = bend(showsLastPut, ({ entries }) => ({
    entries: [...entries, ...entries.slice(-1).map(unanswered)],
  }))
  assert.deepEqual(await kindsFound(planned), [])
})

test('a list that leaves an object out disagrees', async () => {
  const forgetful: S3Client = {
    ...server.client,
    async send(request) {
      const answer = await server.client.send(request)
      if (request.query?.['list-type'] !== '2') return answer
      const text = answer.body.toString().replace(/<Contents>.*?<\/Contents>/s, '')
      return { ...answer, body: Buffer.from(text) }
    },
  }
  assert.deepEqual(await kindsFound({}, forgetful), ['list'])
})

test('a feed that leaves its last write out disagrees', async () => {
  const forgetful: S3Client = {
    ...server.client,
    async send(request) {
      const answer = await server.client.send(request)
      if (request.path !== '/coffer/changes') return answer
      const lines = answer.body.toString().trimEnd().split('\n')
      const last = lines.findLastIndex((line) => line.includes('"operation":"Put"'))
      return { ...answer, body: Buffer.from(lines.toSpliced(last, 1).join('\n')) }
    },
  }
  assert.deepEqual(await kindsFound({}, forgetful), ['feed'])
})
