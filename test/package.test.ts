/** What `npm pack` gives is plain JavaScript that runs without this repository. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { ROOT_KEYS } from './app/coffer-process.ts'
import { createBucket, getObject, putObject } from './load/s3-calls.ts'
import { openS3Client } from './load/s3-client.ts'

const ROOT = join(import.meta.dirname, '..')
const BUILT_FROM = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md']
const TIMEOUT_MS = 60_000
const QUIET = ['--listen', '127.0.0.1:0', '--log-level', 'warn']

const run = promisify(execFile)
const temporary = mkdtempSync(join(tmpdir(), 'coffer-package-'))
const unpacked = join(temporary, 'package')

before(async () => {
  const build = join(temporary, 'build')
  for (const path of [...BUILT_FROM, 'LICENSE']) {
    cpSync(join(ROOT, path), join(build, path), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(build, 'node_modules'))
  const options = { cwd: build, timeout: TIMEOUT_MS }
  await run('npm', ['run', 'build'], options)
  await run('npm', ['pack', '--pack-destination', temporary], options)
  const [tarball = ''] = readdirSync(temporary).filter((name) => name.endsWith('.tgz'))
  await run('tar', ['-xzf', tarball], { cwd: temporary })
  // No network in this test: the dependencies are those that are installed here.
  symlinkSync(join(ROOT, 'node_modules'), join(temporary, 'node_modules'))
})

after(() => rmSync(temporary, { recursive: true, force: true }))

test('the package holds JavaScript, its README and its licence, and no tests', () => {
  assert.deepEqual(readdirSync(unpacked).toSorted(), [
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
  ])
  const files = readdirSync(join(unpacked, 'dist'), { recursive: true }).map(String)
  assert.ok(files.includes(join('cli', 'main.js')))
  assert.deepEqual(
    files.filter((path) => /\.ts$|\.test\.|conformance/.test(path)),
    [],
  )
})

test('its command serves, keeps an object, and stops when asked', async (context) => {
  const server = spawn(process.execPath, [binary(), 'serve', 'data', ...QUIET], {
    cwd: temporary,
    env: { ...process.env, ...ROOT_KEYS },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve))
  try {
    const url = await readUrl(createInterface({ input: server.stdout }))
    const answer = await fetch(`${url}/minio/health/live`)
    assert.equal(answer.status, 200)
    const client = openS3Client({
      endpoint: url,
      accessKey: ROOT_KEYS.COFFER_ROOT_USER,
      secretKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
      connections: 1,
    })
    context.after(() => client.close())
    const body = Buffer.alloc(500_000, 'model')
    await createBucket(client, 'models')
    await putObject(client, { bucket: 'models', key: 'a/../b', body })
    const kept = await getObject(client, { bucket: 'models', key: 'a/../b' })
    assert.ok(kept.body.equals(body))
  } finally {
    server.kill('SIGTERM')
  }
  assert.equal(await ended, 0)
})

test('its command says its version', async () => {
  const { stdout } = await run(process.execPath, [binary(), 'version'])
  const { version } = readManifest()
  assert.match(stdout, new RegExp(version.replaceAll('.', '\\.')))
})

const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path))

test('a Node that is too old is refused with a sentence', async (context) => {
  const version = OLD_NODE === undefined ? '' : (await run(OLD_NODE, ['--version'])).stdout
  const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 24)
  if (OLD_NODE === undefined || major >= 24) return context.skip('there is no older Node here')
  await assert.rejects(run(OLD_NODE, [binary(), 'serve']), (error: { readonly stderr: string }) => {
    assert.match(error.stderr, /^Coffer needs Node 24\.7 or newer, but this is v\d+.*\n$/)
    return true
  })
})

type Manifest = { readonly version: string; readonly bin: { readonly coffer: string } }

function readManifest(): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
  return manifest
}

function binary(): string {
  const path = join(unpacked, readManifest().bin.coffer)
  assert.match(readFileSync(path, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  return path
}

async function readUrl(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const url = /http:\/\/[\w.:[\]]+/.exec(line)?.[0]
    if (url !== undefined) return url
  }
  throw new Error('The server ended without saying where it answers.')
}
