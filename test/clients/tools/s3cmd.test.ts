/**
 * s3cmd: files of every size put, and 20 MiB in parts, got and compared; a second `sync` that moves
 * nothing and one that deletes; MD5 in `ls`, `du`, metadata, copies, moves, `setacl`, `rb`.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { serveClients } from '../client-server.ts'
import { openInputs } from '../inputs.ts'
import { openSdk, readBucket, readFolder } from './contents.ts'
import { newBucketName } from './new-bucket-name.ts'
import { findSystemProgram } from './system-program.ts'
import { createToolTest } from './tool-test.ts'

const TEXT = '# 手写数字\n\n1797 张图像，每张 8×8 像素。\n'

const server = await serveClients()
const settings = join(server.folder, 's3cmd.ini')
const { host } = new URL(server.url)
await writeFile(
  settings,
  `[default]
access_key = ${server.accessKey}
secret_key = ${server.secretKey}
host_base = ${host}
host_bucket = ${host}
use_https = ${server.url.startsWith('https:') ? 'True' : 'False'}
`,
)

const testS3cmd = createToolTest({
  name: 's3cmd',
  open: () => findSystemProgram('s3cmd'),
  given: ['--config', settings, '--no-progress'],
  // Names are not all ASCII.
  environment: { LANG: 'C.UTF-8' },
  folder: server.folder,
})

testS3cmd('s3cmd: a second sync moves nothing, and what came back is the same', async (s3cmd) => {
  const [bucket, files] = [newBucketName('s3cmd'), join(server.folder, 'files')]
  await cp(join(await openInputs(), 'files'), files, { recursive: true })
  await s3cmd('mb', `s3://${bucket}`)

  await s3cmd('sync', '--multipart-chunk-size-mb=5', `${files}/`, `s3://${bucket}/f/`)
  const contents = await readFolder(files)
  assert.deepEqual(await readBucket(server, { bucket, prefix: 'f/' }), contents)
  assert.equal(await s3cmd('sync', `${files}/`, `s3://${bucket}/f/`), '')

  const back = join(server.folder, 'back')
  await s3cmd('sync', `s3://${bucket}/f/`, `${back}/`)
  assert.deepEqual(await readFolder(back), contents)

  await rm(join(files, 'small.bin'))
  const deleted = await s3cmd('sync', '--delete-removed', `${files}/`, `s3://${bucket}/f/`)
  assert.match(deleted, /^delete: .*small\.bin/)
  assert.deepEqual(await readBucket(server, { bucket, prefix: 'f/' }), await readFolder(files))
})

testS3cmd('s3cmd: setacl publishes an object, and takes it back', async (s3cmd) => {
  const bucket = newBucketName('s3cmd')
  const address = `${server.url}/${bucket}/page.html`
  const sdk = openSdk(server)
  await sdk.send(new CreateBucketCommand({ Bucket: bucket, ObjectOwnership: 'ObjectWriter' }))
  sdk.destroy()
  const source = join(server.folder, 'page.html')
  await writeFile(source, TEXT)
  await s3cmd('put', source, `s3://${bucket}/page.html`)
  assert.equal((await fetch(address)).status, 403)
  await s3cmd('setacl', '--acl-public', `s3://${bucket}/page.html`)
  assert.equal(await (await fetch(address)).text(), TEXT)
  assert.match(await s3cmd('info', `s3://${bucket}/page.html`), /ACL: +\*anon\*: READ/)
  await s3cmd('setacl', '--acl-private', `s3://${bucket}/page.html`)
  assert.equal((await fetch(address)).status, 403)
})

testS3cmd('s3cmd: what is listed, measured and copied is what was put', async (s3cmd) => {
  const bucket = newBucketName('s3cmd')
  const [source, url] = [join(server.folder, '说明.md'), `s3://${bucket}/说明.md`]
  await writeFile(source, TEXT)
  await s3cmd('mb', `s3://${bucket}`)
  await s3cmd('put', '--add-header=x-amz-meta-stage:review', source, url)
  await s3cmd('cp', url, `s3://${bucket}/copy.md`)
  await s3cmd('mv', `s3://${bucket}/copy.md`, `s3://${bucket}/moved.md`)

  const md5 = createHash('md5').update(TEXT).digest('hex')
  const listed = await s3cmd('ls', '--list-md5', `s3://${bucket}`)
  assert.deepEqual(listed.match(/[0-9a-f]{32} +s3:.*$/gm), [
    `${md5}     s3://${bucket}/moved.md`,
    `${md5}     ${url}`,
  ])
  const bytes = Buffer.byteLength(TEXT)
  assert.match(await s3cmd('du', `s3://${bucket}`), new RegExp(`^ *${bytes * 2} +2 objects`))
  assert.match(await s3cmd('info', `s3://${bucket}/moved.md`), /x-amz-meta-stage: review/)
  assert.equal(await s3cmd('get', url, '-'), TEXT)

  const before = await readBucket(server, { bucket })
  await s3cmd('del', '--recursive', '--force', `s3://${bucket}`)
  assert.equal(Object.keys(before).length, 2)
  assert.deepEqual(await readBucket(server, { bucket }), {})
  await s3cmd('rb', `s3://${bucket}`)
  assert.doesNotMatch(await s3cmd('ls'), new RegExp(bucket))
})
