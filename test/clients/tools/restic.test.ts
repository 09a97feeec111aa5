/**
 * restic: `init`, `backup`, `check --read-data`, `restore` with every file compared, a second
 * backup that adds next to nothing, `forget --prune` that frees space.
 */
import assert from 'node:assert/strict'
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveClients } from '../client-server.ts'
import { openInputs } from '../inputs.ts'
import { readBucket, readFolder, type Contents } from './contents.ts'
import { newBucketName } from './new-bucket-name.ts'
import { findSystemProgram } from './system-program.ts'
import { createToolTest, type CommandLine } from './tool-test.ts'

const server = await serveClients()
const [bucket, source] = [newBucketName('restic'), join(server.folder, 'source')]
const testRestic = createToolTest({
  name: 'restic',
  open: () => findSystemProgram('restic'),
  given: ['--repo', `s3:${server.url}/${bucket}/backups`, '--json'],
  environment: { ...server.environment, RESTIC_PASSWORD: 'correct horse' },
  folder: server.folder,
})

const LITTLE_BYTES = 64 * 1024

testRestic('restic: what is restored is what was backed up', async (restic) => {
  for (const name of ['files', 'digits', 'models']) {
    await cp(join(await openInputs(), name), join(source, name), { recursive: true })
  }
  await restic('init')
  await restic('backup', source)
  await restic('check', '--read-data')
  const first = await readFolder(source)

  await writeFile(join(source, '新.txt'), '第二次\n')
  const { data_added: addedBytes } = summaryOf(await restic('backup', source))
  assert.ok(addedBytes > 0 && addedBytes < LITTLE_BYTES, `${addedBytes} bytes`)
  assert.deepEqual(await restoreFrom(restic, 'latest'), await readFolder(source))
  const [{ short_id: oldest }] = JSON.parse(await restic('snapshots'))
  assert.deepEqual(await restoreFrom(restic, oldest), first)

  await rm(join(source, 'files'), { recursive: true })
  await restic('backup', source)
  const before = await readBucket(server, { bucket })
  await restic('forget', '--keep-last', '1', '--prune')
  const after = await readBucket(server, { bucket })
  assert.ok(Object.keys(after).length < Object.keys(before).length)
  await restic('check', '--read-data')
  assert.deepEqual(await restoreFrom(restic, 'latest'), await readFolder(source))
})

/** What is in the folder that was backed up, out of the snapshot. */
async function restoreFrom(restic: CommandLine, snapshot: string): Promise<Contents> {
  const target = join(server.folder, 'restored')
  await rm(target, { recursive: true, force: true })
  await restic('restore', snapshot, '--target', target)
  return readFolder(join(target, source))
}

/** The last of the lines that `--json` prints. */
function summaryOf(lines: string): { readonly data_added: number } {
  return JSON.parse(lines.trim().split('\n').at(-1) ?? '')
}
