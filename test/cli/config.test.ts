/** `coffer config` and `coffer version`: what would count, and where it was found. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCoffer, serveCoffer, temporaryFolder } from '../app/coffer-process.ts'

const PASSWORD = 'a-password-of-the-test'

type Explained = { readonly variable: string; readonly [field: string]: unknown }

function findSetting(stdout: string, variable: string): Omit<Explained, 'variable'> {
  const { settings }: { readonly settings: readonly Explained[] } = JSON.parse(stdout)
  const found = settings.find((each) => each.variable === variable)
  assert.ok(found !== undefined, variable)
  const { variable: _, ...facts } = found
  return facts
}

test('each setting says what it is and where that was found', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const file = join(folder, 'password')
  await writeFile(file, `${PASSWORD}\n`)
  const environment = {
    COFFER_LOG_LEVEL: 'debug',
    COFFER_REGION: 'eu-central-1',
    MINIO_DOMAIN: 's3.example.com',
    MINIO_ROOT_USER: 'the-user-of-the-test',
    COFFER_ROOT_PASSWORD_FILE: file,
  }
  const given = ['config', './store', '--log-level', 'warn', '--json']
  const end = await runCoffer(given, { environment })
  assert.equal(end.exitCode, 0, end.stderr)
  const cases = {
    COFFER_FOLDER: { value: join(process.cwd(), 'store'), source: 'argument', from: '--folder' },
    COFFER_LOG_LEVEL: { value: 'warn', source: 'argument', from: '--log-level' },
    COFFER_REGION: { value: 'eu-central-1', source: 'variable', from: 'COFFER_REGION' },
    COFFER_DOMAIN: { value: 's3.example.com', source: 'variable', from: 'MINIO_DOMAIN' },
    COFFER_ROOT_USER: { secret: true, source: 'variable', from: 'MINIO_ROOT_USER' },
    COFFER_ROOT_PASSWORD: { secret: true, source: 'file', from: 'COFFER_ROOT_PASSWORD_FILE' },
    COFFER_LISTEN: { value: '127.0.0.1:9000', source: 'default' },
    COFFER_IDENTITIES: { source: 'none' },
  }
  for (const [variable, facts] of Object.entries(cases)) {
    assert.deepEqual(findSetting(end.stdout, variable), facts, variable)
  }
  const shown = await runCoffer(given.slice(0, -1), { environment })
  assert.match(shown.stdout, /^COFFER_LOG_LEVEL +warn +--log-level$/m)
  for (const { stdout } of [end, shown]) {
    assert.doesNotMatch(stdout, /a-password-of-the-test|the-user-of-the-test/)
  }
})

test('keys that a folder keeps are named by their place and not shown', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const store = join(folder, 'store')
  const quiet = ['--listen', '127.0.0.1:0', '--log-level', 'warn']
  await (await serveCoffer([store, ...quiet], { environment: {} })).stop()
  const end = await runCoffer(['config', store, '--json'])
  const path = join(store, 'root-keys.json')
  const kept = { secret: true, source: 'folder', from: path }
  assert.deepEqual(findSetting(end.stdout, 'COFFER_ROOT_PASSWORD'), kept)
  const { password }: { readonly password: string } = JSON.parse(await readFile(path, 'utf8'))
  assert.ok(!end.stdout.includes(password))
})

test('what the server would refuse is refused', async () => {
  const end = await runCoffer(['config', '--listen', '9000'])
  assert.equal(end.exitCode, 2)
  assert.match(end.stderr, /--listen is "9000", which is not host:port/)
  assert.equal(end.stdout, '')
})

test('versions are those of the package and of the Node that runs it', async () => {
  const root = join(import.meta.dirname, '../..')
  const text = await readFile(join(root, 'package.json'), 'utf8')
  const { version }: { readonly version: string } = JSON.parse(text)
  const lmdb = await readFile(join(root, 'node_modules/lmdb/package.json'), 'utf8')
  const installed: { readonly version: string } = JSON.parse(lmdb)
  const end = await runCoffer(['version', '--json'])
  const versions = { coffer: version, node: process.versions.node, lmdb: installed.version }
  assert.deepEqual(JSON.parse(end.stdout), versions)
  const told = await runCoffer(['version'])
  assert.equal(
    told.stdout,
    `coffer ${version} (node ${versions.node}, lmdb ${installed.version})\n`,
  )
})
