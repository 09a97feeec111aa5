// Making and clearing away what a run needs.
import { openCaller, type S3Caller } from './generator/caller.ts'
import type { S3Keys } from './generator/signed-request.ts'
import { deleteMany } from './generator/workloads.ts'

/** Whether it is new: the buckets of what is only read serve many rounds. */
export async function createBucket(keys: S3Keys, bucket: string): Promise<boolean> {
  const caller = await openCaller(keys)
  try {
    if ((await listBuckets(caller)).includes(bucket)) return false
    await caller.ask({ method: 'PUT', path: `/${bucket}` })
    return true
  } finally {
    caller.close()
  }
}

export async function removeBucket(keys: S3Keys, bucket: string): Promise<void> {
  const caller = await openCaller(keys)
  try {
    for (let found = await listKeys(caller, bucket); found.length > 0;) {
      await caller.ask(deleteMany(bucket, found))
      found = await listKeys(caller, bucket)
    }
    await caller.ask({ method: 'DELETE', path: `/${bucket}`, answer: { status: 204 } })
  } finally {
    caller.close()
  }
}

/** Takes away every bucket of a run from a server that will live on. */
export async function removeBuckets(keys: S3Keys, run: string): Promise<void> {
  const caller = await openCaller(keys)
  const buckets = await listBuckets(caller).finally(() => caller.close())
  for (const bucket of buckets.filter((name) => name.startsWith(run))) {
    await removeBucket(keys, bucket)
  }
}

async function listBuckets(caller: S3Caller): Promise<readonly string[]> {
  const { body } = await caller.ask({ method: 'GET', path: '/' })
  return Array.from(body.matchAll(/<Name>([^<]+)</g), ([, name = '']) => name)
}

/** The first page; the keys of a run need no decoding. */
async function listKeys(caller: S3Caller, bucket: string): Promise<readonly string[]> {
  const query = { 'list-type': '2' }
  const { body } = await caller.ask({ method: 'GET', path: `/${bucket}`, query })
  return Array.from(body.matchAll(/<Key>([^<]+)</g), ([, key = '']) => key)
}
