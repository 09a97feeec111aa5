import { openCaller } from '../generator/caller.ts'
import type { S3Keys } from '../generator/signed-request.ts'

export async function createBucket(keys: S3Keys, bucket: string): Promise<void> {
  const caller = await openCaller(keys)
  await caller.ask({ method: 'PUT', path: `/${bucket}` })
  caller.close()
}
