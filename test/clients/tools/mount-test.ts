/** A mounted bucket does what a folder of a disk does. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { serveClients, type ClientServer } from '../client-server.ts'
import { findClient } from '../find-client.ts'
import { openInputs } from '../inputs.ts'
import { openSdk, readBucket, readFolder, type Contents } from './contents.ts'
import { listNames, workIn } from './folder-work.ts'
import { findMountProgram, withMount, type Mount } from './mount.ts'
import { newBucketName } from './new-bucket-name.ts'

const UPLOAD_TIMEOUT_MS = 60_000
const POLL_MS = 500

export type MountClient = {
  readonly name: string
  /** How a bucket of the server is mounted. */
  readonly describe: (server: ClientServer, bucket: string) => Promise<Omit<Mount, 'folder'>>
}

/** Work is done in the bucket and in a folder; both are the same afterwards, whoever looks. */
export async function testMount({ name, describe }: MountClient): Promise<void> {
  const server = await serveClients()
  test(`${name}: a mounted bucket does what a folder does`, async (context) => {
    const program = await findClient(context, { name, open: () => findMountProgram(name) })
    if (program === undefined) return
    const [bucket, expected] = [newBucketName(name), join(server.folder, 'expected')]
    await createBucket(server, bucket)
    const inputs = await openInputs()
    await mkdir(expected)
    await workIn(expected, inputs)

    const mount = { ...(await describe(server, bucket)), folder: server.folder }
    await withMount(mount, async (folder) => {
      await workIn(folder, inputs)
      assert.deepEqual(await listNames(folder), await listNames(expected))
      await untilStored(await readFolder(expected), () => readFiles(server, bucket))
    })
    // A second mount has no cache of what the first has written.
    const again = { ...(await describe(server, bucket)), folder: server.folder }
    await withMount(again, async (folder) => {
      assert.deepEqual(await readFolder(folder), await readFolder(expected))
    })
  })
}

/** rclone uploads after a file is closed, and does not end that work when it is unmounted. */
async function untilStored(expected: Contents, read: () => Promise<Contents>): Promise<void> {
  const deadline = performance.now() + UPLOAD_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (isDeepStrictEqual(await read(), expected)) return
    await sleep(POLL_MS)
  }
  assert.deepEqual(await read(), expected)
}

async function createBucket(server: ClientServer, bucket: string): Promise<void> {
  const client = openSdk(server)
  // Debian's rclone sends this with every object, which only buckets that know lists take.
  await client.send(new CreateBucketCommand({ Bucket: bucket, ACL: 'private' }))
  client.destroy()
}

/** Without the empty objects that stand for folders. */
async function readFiles(server: ClientServer, bucket: string): Promise<Contents> {
  const contents = await readBucket(server, { bucket })
  return Object.fromEntries(Object.entries(contents).filter(([key]) => !key.endsWith('/')))
}
