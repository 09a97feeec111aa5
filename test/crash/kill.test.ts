// Kills the server at random moments under mixed load and checks every promise after reopening.
// COFFER_KILL_ROUNDS and COFFER_KILL_SEED make more rounds, or the same ones again.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkLedger } from '../load/check-ledger.ts'
import { countAcknowledged, createLedger } from '../load/ledger.ts'
import type { Ledger } from '../load/ledger.ts'
import { prepareBuckets, runMixedLoad } from '../load/mixed-load.ts'
import { seededRandom } from '../load/seeded.ts'
import { startServer } from '../load/server-process.ts'

const ROUNDS = Number(process.env['COFFER_KILL_ROUNDS'] ?? 4)
const SEED = Number(process.env['COFFER_KILL_SEED'] ?? Date.now() % 1_000_000)
/** Every check reads everything, so folders are changed before they grow large. */
const ROUNDS_PER_FOLDER = 8
const WORKERS = 12
/** A kill comes somewhere in the first so many requests, whatever they cost on this machine. */
const KILL_WITHIN_REQUESTS = 120
const KILL_WITHIN_MS = 20

type Round = { readonly folder: string; readonly ledger: Ledger; readonly seed: number }

/** Loads the store, kills it at a random moment, starts it again and returns what is wrong. */
async function killAndCheck({ folder, ledger, seed }: Round): Promise<readonly unknown[]> {
  const random = seededRandom(seed)
  const first = await startServer({ folder, connections: WORKERS })
  try {
    if (ledger.buckets.length === 0) await prepareBuckets(first.client, ledger)
    const states = Number.POSITIVE_INFINITY
    const load = runMixedLoad({ client: first.client, ledger, seed, workers: WORKERS, states })
    const before = countRequests(ledger)
    const killAfter = before + random.below(KILL_WITHIN_REQUESTS)
    while (countRequests(ledger) < killAfter) await sleep(1)
    await sleep(random.below(KILL_WITHIN_MS))
    await first.kill()
    assert.deepEqual((await load).refusals, [], 'a healthy store refuses nothing')
  } finally {
    await first.kill()
  }
  const second = await startServer({ folder })
  try {
    return (await checkLedger({ client: second.client, ledger })).findings
  } finally {
    // SIGTERM in one round of two: what a graceful stop writes must be as good as what a kill
    // leaves.
    await (random.chance(0.5) ? second.stop() : second.kill())
  }
}

function countRequests({ histories }: Ledger): number {
  return histories.values().reduce((sum, { entries }) => sum + entries.length, 0)
}

test(`${ROUNDS} kills under load lose and tear nothing; seed ${SEED}`, async (context) => {
  let acknowledged = 0
  for (let start = 0; start < ROUNDS; start += ROUNDS_PER_FOLDER) {
    const folder = await mkdtemp(join(tmpdir(), 'coffer-kill-'))
    context.after(() => rm(folder, { recursive: true, force: true }))
    let position = 0
    const ledger = createLedger(() => (position += 1))
    for (let round = start; round < Math.min(ROUNDS, start + ROUNDS_PER_FOLDER); round += 1) {
      const findings = await killAndCheck({ folder, ledger, seed: SEED + round })
      assert.deepEqual(findings, [], `round ${round} of seed ${SEED}`)
    }
    acknowledged += countAcknowledged(ledger).all
    await rm(folder, { recursive: true })
  }
  context.diagnostic(`${acknowledged} acknowledged requests, none lost`)
  assert.ok(acknowledged > ROUNDS * 10, 'the load must have acknowledged enough to lose something')
})
