/**
 * The contract as a suite: every store and every wrapped stack runs it, in three lines of its own.
 * What a store does not declare as a capability is skipped and named.
 */
import { describe, test, type TestContext } from 'node:test'
import { createManualClock } from '../../base/clock.ts'
import { BODY_TRUTHS } from './bodies.ts'
import { BUCKET_TRUTHS, MEANT_BUCKET_TRUTHS } from './buckets.ts'
import { COMMIT_TRUTHS } from './commits.ts'
import { CONDITION_TRUTHS } from './conditions.ts'
import { DOCUMENT_TRUTHS } from './documents.ts'
import { FEED_TRUTHS } from './feed.ts'
import { HISTORY_TRUTHS } from './histories.ts'
import { KEY_TRUTHS } from './keys.ts'
import { LIFE_TRUTHS } from './life.ts'
import { LIST_TRUTHS } from './lists.ts'
import { OBJECT_TRUTHS } from './objects.ts'
import { OBJECT_LOCK_TRUTHS } from './object-lock.ts'
import { PART_TRUTHS } from './parts.ts'
import type { OpenStore, Truth, Truths } from './truth.ts'
import { UPLOAD_TRUTHS } from './uploads.ts'
import { VERSION_TRUTHS } from './versions.ts'

const PARTS: Readonly<Record<string, Truths>> = {
  buckets: BUCKET_TRUTHS,
  'meant buckets': MEANT_BUCKET_TRUTHS,
  objects: OBJECT_TRUTHS,
  keys: KEY_TRUTHS,
  bodies: BODY_TRUTHS,
  versions: VERSION_TRUTHS,
  histories: HISTORY_TRUTHS,
  conditions: CONDITION_TRUTHS,
  'object lock': OBJECT_LOCK_TRUTHS,
  lists: LIST_TRUTHS,
  uploads: UPLOAD_TRUTHS,
  parts: PART_TRUTHS,
  documents: DOCUMENT_TRUTHS,
  commits: COMMIT_TRUTHS,
  feed: FEED_TRUTHS,
  life: LIFE_TRUTHS,
}

/** Long past, so that nothing in the suite depends on today. */
const STARTED_AT = new Date('2026-01-02T03:04:05.678Z')

/** Runs the whole suite; `open` gives a new, empty store each time. */
export function storeConformance(name: string, open: OpenStore): void {
  describe(name, () => {
    for (const [part, truths] of Object.entries(PARTS)) {
      describe(part, () => {
        for (const [sentence, truth] of Object.entries(truths)) {
          test(sentence, (context) => prove(truth, open, context))
        }
      })
    }
  })
}

async function prove(truth: Truth, open: OpenStore, context: TestContext): Promise<void> {
  const { needs = [], proof, feedLimit } = typeof truth === 'function' ? { proof: truth } : truth
  const clock = createManualClock(STARTED_AT)
  const store = await open(feedLimit === undefined ? { clock } : { clock, feedLimit })
  try {
    const lacking = needs.filter((capability) => !store.capabilities[capability])
    if (lacking.length > 0) context.skip(`the store declares no ${lacking.join(', ')}`)
    else await proof(store, clock)
  } finally {
    await store.close()
  }
}
