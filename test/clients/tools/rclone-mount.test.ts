/**
 * rclone mount: a bucket mounted; files to 300 MiB written, read, appended to, changed inside,
 * renamed, deleted and listed, as in a folder of a disk; the same through a second mount and the
 * AWS SDK.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { testMount } from './mount-test.ts'
import { describeRemote } from './rclone.ts'

await testMount({
  name: 'rclone',
  async describe(server, bucket) {
    const cache = await mkdtemp(join(server.folder, 'cache-'))
    const flags = ['--vfs-cache-mode=full', `--cache-dir=${cache}`]
    return {
      command: (mounted) => ['rclone', 'mount', `coffer:${bucket}`, mounted, ...flags],
      environment: describeRemote('coffer', server),
    }
  },
})
