/**
 * Fills a folder with many small objects, through the store's own contract: each has its row, its
 * version, its body and its entry in the feed, as if a client had put it.
 *
 * node bench/growth/make-objects.ts --folder /tmp/growth-1m --objects 1000000
 */
import { hash } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Body } from '../../src/storage/body.ts'
import { NOBODY } from '../../src/storage/change-feed.ts'
import { type DiskStore, openDiskStore } from '../../src/storage/disk/disk-store.ts'
import { coffer } from '../contestants.ts'
import { createBucket } from './create-bucket.ts'
import { BUCKET, keyOf } from './keys.ts'

const { values: given } = parseArgs({
  options: {
    folder: { type: 'string' },
    objects: { type: 'string', default: '1000000' },
    /** Goes on where a run was ended. */
    from: { type: 'string', default: '0' },
  },
})
if (given.folder === undefined) throw new Error('Say where: --folder')
const { folder } = given
const objects = Number(given.objects)

/** As many as share a transaction; the store gives out the numbers of bodies by the thousand. */
const IN_FLIGHT = 1024
/** What readers have long read is forgotten, as on a server that has run for a while. */
const FEED = { entries: 100_000, whenFull: 'drop-oldest' } as const
const REPORT_EVERY = 100_000

const first = Number(given.from)
if (first === 0) await makeBucket()
const store = await openDiskStore({ folder, feedLimit: FEED })
try {
  await putAll(store)
} finally {
  await store.close()
}

/** By a server, so that the bucket belongs to the account that measures. */
async function makeBucket(): Promise<void> {
  const server = await coffer('Coffer').start(folder)
  await createBucket(server.keys, BUCKET)
  await server.stop()
}

async function putAll({ buckets, objects: stored }: DiskStore): Promise<void> {
  const { owner } = await buckets.get(BUCKET)
  const options = { origin: NOBODY, owner, headers: {}, metadata: [], tags: [] } as const
  const began = performance.now()
  let next = first
  const put = async (): Promise<void> => {
    for (let number = next++; number < objects; number = next++) {
      const name = { bucket: BUCKET, key: keyOf(number) }
      await stored.put(name, bodyOf(name.key), { ...options, storageClass: 'STANDARD' })
      if ((number + 1) % REPORT_EVERY === 0) report(number + 1, began)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, put))
}

function bodyOf(text: string): Body {
  const bytes = Buffer.from(text)
  const md5 = hash('md5', bytes)
  return {
    bytes: (async function* () {
      yield bytes
    })(),
    size: bytes.length,
    digest: () => ({ size: bytes.length, md5, checksum: undefined }),
  }
}

function report(made: number, began: number): void {
  const seconds = (performance.now() - began) / 1000
  const perSecond = Math.round((made - first) / seconds)
  process.stdout.write(`${made} objects, ${seconds.toFixed(0)} s, ${perSecond} objects/s\n`)
}
