/** One server for the tests of a suite, since each of them leaves the objects of others alone. */
import { after, before } from 'node:test'
import { ROOT_KEYS, serveCoffer, temporaryFolder } from '../app/coffer-process.ts'
import { createBucket } from '../load/s3-calls.ts'
import { openS3Client, type S3Client } from '../load/s3-client.ts'

export type Serving = {
  readonly url: string
  /** Where the store is, and where tests may put files. */
  readonly store: string
  readonly folder: string
  readonly client: S3Client
}

/** What the tests of the suite call; the bucket is there. */
export function serveOnce(bucket: string): () => Promise<Serving> {
  const begun = Promise.withResolvers<Serving>()
  const cleanUps: (() => Promise<unknown>)[] = []
  before(async () => {
    const folder = await temporaryFolder((cleanUp) => cleanUps.unshift(cleanUp))
    const store = `${folder}/store`
    const coffer = await serveCoffer([store, '--listen', '127.0.0.1:0', '--log-level', 'warn'])
    cleanUps.unshift(() => coffer.stop())
    const client = openS3Client({
      endpoint: coffer.url,
      accessKey: ROOT_KEYS.COFFER_ROOT_USER,
      secretKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
      connections: 16,
    })
    cleanUps.unshift(async () => client.close())
    await createBucket(client, bucket)
    begun.resolve({ url: coffer.url, store, folder, client })
  })
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })
  return () => begun.promise
}
