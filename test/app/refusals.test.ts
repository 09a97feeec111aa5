/** What stops a start, and what a person is told then. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT_KEYS, runCoffer, serveCoffer, temporaryFolder } from './coffer-process.ts'

test('an unknown setting is refused by its name', async () => {
  const environment = { COFFER_LISTN: '127.0.0.1:0' }
  const { exitCode, stderr, stdout } = await runCoffer(['serve'], { environment })
  assert.equal(exitCode, 2)
  assert.match(stderr, /^coffer: COFFER_LISTN is not a setting of Coffer/)
  assert.equal(stdout, '')
})

test('an unknown argument and an unknown command are refused', async () => {
  for (const given of [['serve', '--no-such'], ['no-such-command']]) {
    const { exitCode, stderr } = await runCoffer(given)
    assert.equal(exitCode, 2, given.join(' '))
    assert.match(stderr, /unknown/)
  }
})

test('a port that is taken is named, and nothing is left open', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const other = createServer().listen(0, '127.0.0.1')
  context.after(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  assert.ok(typeof address === 'object' && address !== null)
  const listen = `127.0.0.1:${address.port}`

  const refused = await runCoffer(['serve', folder, '--listen', listen], {
    environment: ROOT_KEYS,
  })
  assert.equal(refused.exitCode, 1)
  assert.match(refused.stderr, new RegExp(`Cannot listen on ${listen}: another program listens`))
  assert.match(refused.stderr, /--listen/)

  const coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0'])
  assert.equal((await coffer.stop()).exitCode, 0)
})

test('a folder that is a file is refused by its name', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const file = join(folder, 'file')
  await writeFile(file, '')
  for (const path of [file, join(file, 'below')]) {
    const { exitCode, stderr } = await runCoffer(['serve', path, '--listen', '127.0.0.1:0'])
    assert.equal(exitCode, 1)
    assert.equal(stderr, `coffer: ${path} is not a folder. Name another.\n`)
  }
})

test('a folder that no file system makes is refused', async (context) => {
  if (process.platform !== 'linux') return context.skip('there is no /proc')
  const options = { timeoutMs: 10_000 }
  const { exitCode, stderr } = await runCoffer(['serve', '/proc/coffer/data'], options)
  assert.equal(exitCode, 1)
  assert.equal(stderr, 'coffer: No folder can be made in /proc. Name another.\n')
})

test('a command on a folder that does not exist makes none', async () => {
  const { exitCode, stderr } = await runCoffer(['changes', '--folder', '/no/such/folder'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /There is no folder \/no\/such\/folder/)
})

test('a command on a folder that is no store makes it none', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const { exitCode, stderr } = await runCoffer(['scrub', '--folder', folder])
  assert.equal(exitCode, 1)
  assert.equal(stderr, `coffer: ${folder} is not a Coffer folder. Name one that is.\n`)
  assert.ok(!existsSync(join(folder, 'coffer.json')))
})

test('health needs no keys, everything else does', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0'])
  context.after(() => coffer.stop())
  for (const check of ['live', 'ready', 'cluster', 'cluster/read']) {
    assert.equal((await fetch(`${coffer.url}/minio/health/${check}`)).status, 200, check)
  }
  assert.equal((await fetch(`${coffer.url}/minio/health/other`)).status, 404)
  assert.equal((await fetch(`${coffer.url}/coffer/changes`)).status, 403)
  assert.equal((await fetch(`${coffer.url}/`)).status, 403)
})
