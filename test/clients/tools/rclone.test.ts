/**
 * rclone: `copy` with modification times kept, `check` and `check --download`, a second `sync` that
 * moves nothing and one that deletes, 300 MiB in parts, `lsjson`, `moveto`, `hashsum`, `purge`.
 */
import assert from 'node:assert/strict'
import { cp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveClients } from '../client-server.ts'
import { openInputs } from '../inputs.ts'
import { readBucket, readFolder } from './contents.ts'
import { newBucketName } from './new-bucket-name.ts'
import { describeRemote, openRclone } from './rclone.ts'
import { createToolTest, type CommandLine } from './tool-test.ts'

const server = await serveClients()
const testRclone = createToolTest({
  name: 'rclone',
  open: openRclone,
  given: ['--retries', '1'],
  environment: describeRemote('coffer', server),
  folder: server.folder,
})

testRclone('rclone: a second sync moves nothing, and check finds the same', async (rclone) => {
  const [bucket, files] = [newBucketName('rclone'), join(server.folder, 'files')]
  const remote = `coffer:${bucket}/f`
  await cp(join(await openInputs(), 'files'), files, { recursive: true })
  await utimes(join(files, 'small.bin'), new Date(OLD), new Date(OLD))
  await rclone('mkdir', `coffer:${bucket}`)
  await rclone('copy', files, remote)
  await rclone('check', files, remote)
  await rclone('check', '--download', files, remote)
  assert.deepEqual(await readBucket(server, { bucket, prefix: 'f/' }), await readFolder(files))
  assert.equal((await measureSync(rclone, [files, remote])).transfers, 0)

  const back = join(server.folder, 'back')
  await rclone('copy', remote, back)
  assert.deepEqual(await readFolder(back), await readFolder(files))
  assert.equal((await stat(join(back, 'small.bin'))).mtime.toISOString(), OLD)

  await rm(join(files, 'middling.bin'))
  await writeFile(join(files, 'small.bin'), 'changed')
  assert.deepEqual(await measureSync(rclone, [files, remote]), { transfers: 1, deletes: 1 })
  assert.deepEqual(await readBucket(server, { bucket, prefix: 'f/' }), await readFolder(files))
})

testRclone('rclone: a checkpoint goes in parts and keeps its MD5', async (rclone) => {
  const [bucket, checkpoint] = [newBucketName('rclone'), join(await openInputs(), 'checkpoint.bin')]
  await rclone('mkdir', `coffer:${bucket}`)
  await rclone('copyto', '--s3-upload-cutoff=16M', checkpoint, `coffer:${bucket}/big/old.bin`)
  await rclone('moveto', `coffer:${bucket}/big/old.bin`, `coffer:${bucket}/big/checkpoint.bin`)
  await rclone('check', '--download', checkpoint, `coffer:${bucket}/big`)
  const [listed] = JSON.parse(
    await rclone('lsjson', '-R', '--hash', '--files-only', `coffer:${bucket}`),
  )
  assert.equal(listed.Path, 'big/checkpoint.bin')
  assert.equal(listed.Size, (await stat(checkpoint)).size)
  assert.equal(listed.Hashes.md5, (await rclone('md5sum', checkpoint)).split(' ')[0])

  await rclone('deletefile', `coffer:${bucket}/big/checkpoint.bin`)
  assert.equal(await rclone('lsf', '-R', `coffer:${bucket}`), '')
  await rclone('purge', `coffer:${bucket}`)
  assert.doesNotMatch(await rclone('lsd', 'coffer:'), new RegExp(bucket))
})

const OLD = '2019-05-01T12:34:56.789Z'

type Moved = { readonly transfers: number; readonly deletes: number }

/** What `rclone sync` has done, by its own count. */
async function measureSync(
  rclone: CommandLine,
  places: readonly [from: string, to: string],
): Promise<Moved> {
  const log = join(server.folder, 'sync.log')
  await rm(log, { force: true })
  await rclone(
    'sync',
    ...places,
    '--use-json-log',
    '--log-file',
    log,
    '--stats-log-level',
    'NOTICE',
  )
  const lines = (await readFile(log, 'utf8')).trim().split('\n')
  const { transfers, deletes } = JSON.parse(lines.at(-1) ?? '').stats
  return { transfers, deletes }
}
