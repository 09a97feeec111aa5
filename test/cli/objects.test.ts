/** The commands about objects and buckets, as people and scripts use them. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { suite, test } from 'node:test'
import { runCoffer, ROOT_KEYS } from '../app/coffer-process.ts'
import {
  beginUpload,
  createBucket,
  deleteObject,
  getObject,
  listBuckets,
  pathOf,
  putObject,
  putPart,
  putVersioning,
} from '../load/s3-calls.ts'
import { runCommand } from './run-command.ts'
import { serveOnce } from './serve-once.ts'

type Line = Readonly<Record<string, unknown>>

/** One more than fits on a page. */
const MANY = 1001

suite('objects', { concurrency: 3 }, () => {
  const serving = serveOnce('objects')

  const run = async (...given: readonly string[]): Promise<string> => {
    const { url } = await serving()
    const { exitCode, stdout, stderr } = await runCommand(given, { endpoint: url })
    assert.equal(exitCode, 0, stderr)
    return stdout.toString()
  }

  const put = async (key: string, body = 'hello'): Promise<void> => {
    const { client } = await serving()
    await putObject(client, { bucket: 'objects', key, body: Buffer.from(body) })
  }

  test('without an endpoint, commands ask the server of the folder', async () => {
    const { store } = await serving()
    const end = await runCoffer(['ls', '--json', '--folder', store], { environment: ROOT_KEYS })
    assert.equal(end.exitCode, 0, end.stderr)
    assert.ok(parseLines(end.stdout).some(({ name }) => name === 'objects'))
  })

  test('ls shows keys up to the next slash, and all of them with --recursive', async () => {
    await put('list/a')
    await put('list/模型/b')
    const shown = await run('ls', 's3://objects/list/')
    assert.match(shown, /^ +list\/模型\/\n[-\d]+ [:\d]+ +5 B {2}list\/a\n$/)
    const all = parseLines(await run('ls', 'objects/list/', '--recursive', '--json'))
    assert.deepEqual(
      all.map(({ key, sizeBytes }) => [key, sizeBytes]),
      [
        ['list/a', 5],
        ['list/模型/b', 5],
      ],
    )
  })

  test('lists and deletions go on after the first page', async () => {
    const { client } = await serving()
    await createBucket(client, 'pages')
    const keys = Array.from({ length: MANY }, (_, at) => `p/${at}`)
    const body = Buffer.from('x')
    await Promise.all(keys.map((key) => putObject(client, { bucket: 'pages', key, body })))
    const [sum] = parseLines(await run('du', 'pages', '--json'))
    assert.deepEqual(sum, { prefix: '', sizeBytes: MANY, objects: MANY })
    const gone = await run('rm', '--recursive', '--force', 's3://pages/p')
    assert.equal(gone.trim().split('\n').length, MANY)
    assert.equal(await run('ls', '-r', 'pages'), '')
  })

  test('find tests names, sizes and times', async () => {
    await put('find/deep/a.bin', 'x'.repeat(2048))
    await put('find/b.bin')
    await put('find/c.txt', 'x'.repeat(2048))
    const options = ['--name', '*.bin', '--larger', '1k', '--newer', '1h', '--smaller', '1MiB']
    assert.equal(await run('find', 'objects/find/', ...options), 's3://objects/find/deep/a.bin\n')
    assert.equal(await run('find', 'objects/find/', '--older', '1h'), '')
  })

  test('stat shows metadata, checksum, tags and lock', async () => {
    const { client } = await serving()
    await run('mb', 'locked', '--object-lock')
    const key = 'a'
    await client.send({
      method: 'PUT',
      path: pathOf({ bucket: 'locked', key }),
      headers: {
        'x-amz-meta-colour': 'red',
        'x-amz-tagging': 'a=b',
        'x-amz-object-lock-legal-hold': 'ON',
        'x-amz-checksum-crc32c': 'yZRlqg==',
      },
      body: Buffer.from('hello world'),
    })
    const [facts] = parseLines(await run('stat', 'locked/a', '--json'))
    assert.equal(facts?.['sizeBytes'], 11)
    assert.equal(facts['etag'], '5eb63bbbe01eeed093cb22bb8f5acdc3')
    assert.equal(facts['x-amz-meta-colour'], 'red')
    assert.equal(facts['x-amz-checksum-crc32c'], 'yZRlqg==')
    assert.equal(facts['x-amz-object-lock-legal-hold'], 'ON')
    assert.deepEqual(facts['tags'], ['a=b'])
    assert.match(await run('stat', 's3://locked'), /versioning +Enabled\nobjectLock +Enabled/)
  })

  test('cat writes an object, or a range of it', async () => {
    await put('cat', 'hello world')
    assert.equal(await run('cat', 'objects/cat'), 'hello world')
    assert.equal(await run('cat', 'objects/cat', '--range', '1-3'), 'ell')
    assert.equal(await run('cat', 'objects/cat', '--range', '6-'), 'world')
    assert.equal(await run('cat', 'objects/cat', '--range', '-2'), 'ld')
  })

  test('presigned URLs read and write', async () => {
    const name = 's3://objects/pre signed/键'
    const write = await run('presign', name, '--method', 'PUT', '--expires', '5m')
    assert.ok((await fetch(write.trim(), { method: 'PUT', body: 'by URL' })).ok)
    const read = await run('presign', name)
    assert.equal(await (await fetch(read.trim())).text(), 'by URL')
    assert.equal(new URL(read).searchParams.get('X-Amz-Expires'), '3600')
  })

  test('rm of a folder needs --force where nobody can be asked', async () => {
    const { url, client } = await serving()
    await put('kept/a')
    const end = await runCommand(['rm', '-r', 's3://objects/kept/'], { endpoint: url })
    assert.equal(end.exitCode, 2)
    assert.match(end.stderr, /needs --force/)
    assert.equal((await getObject(client, { bucket: 'objects', key: 'kept/a' })).status, 200)
  })

  test('rb --force removes versions, delete markers and uploads under way', async () => {
    const { url, client } = await serving()
    const named = { bucket: 'crowded', key: 'a' }
    await createBucket(client, 'crowded')
    await putVersioning(client, { bucket: 'crowded', status: 'Enabled' })
    await putObject(client, { ...named, body: Buffer.from('1') })
    await deleteObject(client, named)
    const uploadId = await beginUpload(client, named)
    await putPart(client, { ...named, uploadId, partNumber: 1, body: Buffer.from('1') })
    const refused = await runCommand(['rb', 'crowded'], { endpoint: url })
    assert.equal(refused.exitCode, 1)
    assert.match(refused.stderr, /\(BucketNotEmpty\)\n.*--force/)
    await run('rb', 's3://crowded', '--force')
    assert.ok(!(await listBuckets(client)).includes('crowded'))
  })

  test('mb says whether the bucket is new, rb that it is gone', async () => {
    assert.equal(await run('mb', 'made'), 'Bucket made is made.\n')
    assert.equal(await run('mb', 'made'), 'Bucket made was there already.\n')
    const found = { event: 'found', bucket: 'made' }
    assert.deepEqual(JSON.parse(await run('mb', 'made', '--json')), found)
    const deleted = { event: 'deleted', bucket: 'made' }
    assert.deepEqual(JSON.parse(await run('rb', 'made', '--json')), deleted)
  })

  const noFullDevice = existsSync('/dev/full') ? false : 'there is no /dev/full here'
  test('output that cannot be written is a failure', { skip: noFullDevice }, async () => {
    const { url } = await serving()
    await put('written')
    for (const given of [
      ['cat', 'objects/written'],
      ['ls', 'objects'],
      ['stat', 'objects/written', '--json'],
    ]) {
      const output = openSync('/dev/full', 'w')
      const end = await runCommand(given, { endpoint: url, output })
      closeSync(output)
      assert.equal(end.exitCode, 1, given.join(' '))
      assert.equal(
        end.stderr,
        'coffer: Cannot use standard output: the disk is full; free some space and start again.\n',
      )
    }
  })

  test('failures name the thing, S3’s code and what to do', async () => {
    const { url } = await serving()
    const missing = await runCommand(['cat', 'objects/missing'], { endpoint: url })
    assert.equal(missing.exitCode, 1)
    assert.match(missing.stderr, /s3:\/\/objects\/missing: .*\(NoSuchKey\)\n {2}`coffer ls/)
    const nobody = await runCommand(['ls'], { endpoint: 'http://127.0.0.1:1' })
    assert.equal(nobody.exitCode, 1)
    assert.match(nobody.stderr, /http:\/\/127\.0\.0\.1:1: nobody listens there/)
  })

  test('bash completes commands and options', async () => {
    const script = await run('completion', 'bash')
    assert.deepEqual(complete(script, ['coffer', 'pre']), ['presign'])
    assert.deepEqual(complete(script, ['coffer', 'key', 'dis']), ['disable'])
    assert.deepEqual(complete(script, ['coffer', 'cp', '-r', 'a', '--js']), ['--json'])
    assert.deepEqual(complete(script, ['coffer', 'cp', '']), [])
  })
})

function parseLines(stdout: string): readonly Line[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): Line => JSON.parse(line))
}

/** What the shell would offer for the last of the words. */
function complete(script: string, words: readonly string[]): readonly string[] {
  const question = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _coffer; echo "${COMPREPLY[@]}"'
  const given = ['--norc', '-c', `${script}\n${question}`, 'bash', ...words]
  return execFileSync('bash', given, { encoding: 'utf8' }).trim().split(' ').filter(Boolean)
}
