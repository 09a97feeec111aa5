/**
 * s3fs (FUSE): a bucket mounted; files to 300 MiB written, read, appended to, changed inside,
 * renamed, deleted and listed, as in a folder of a disk; the same through a second mount and the
 * AWS SDK.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testMount } from './mount-test.ts'

await testMount({
  name: 's3fs',
  async describe({ url, accessKey, secretKey, folder }, bucket) {
    const keys = join(folder, 's3fs-keys')
    // s3fs refuses a file that others can read.
    await writeFile(keys, `${accessKey}:${secretKey}`, { mode: 0o600 })
    const options = `url=${url},use_path_request_style,passwd_file=${keys},multipart_size=10`
    return { command: (mounted) => ['s3fs', bucket, mounted, '-f', '-o', options] }
  },
})
