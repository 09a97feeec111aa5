import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createSeededRandom } from '../base/random.ts'
import { findRootKeys, openRootKeys, rootKeysPath } from './root-keys.ts'

type Place = {
  readonly folder: string
  readonly rootUser: undefined
  readonly rootPassword: undefined
}

async function freshPlace(context: TestContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-keys-'))
  context.after(() => rm(folder, { recursive: true }))
  return { folder: join(folder, 'new'), rootUser: undefined, rootPassword: undefined }
}

test('keys are made once and kept for their owner alone', async (context) => {
  const place = await freshPlace(context)
  assert.equal(await findRootKeys(place), undefined)
  const made = await openRootKeys(place, createSeededRandom(1))
  assert.equal(made.source, 'made')
  assert.match(made.user, /^COFFER[0-9A-F]{14}$/)
  assert.match(made.password, /^[0-9a-f]{40}$/)
  assert.equal((await stat(rootKeysPath(place.folder))).mode & 0o777, 0o600)
  const kept = await openRootKeys(place, createSeededRandom(2))
  assert.deepEqual(kept, { ...made, source: 'kept' })
})

test('configured keys count, and the file is left as it is', async (context) => {
  const place = await freshPlace(context)
  const made = await openRootKeys(place, createSeededRandom(1))
  const before = await readFile(rootKeysPath(place.folder), 'utf8')
  const configured = { folder: place.folder, rootUser: 'user', rootPassword: 'password' }
  const found = await openRootKeys(configured, createSeededRandom(2))
  assert.deepEqual(found, { user: 'user', password: 'password', source: 'configured' })
  assert.equal(await readFile(rootKeysPath(place.folder), 'utf8'), before)
  assert.equal((await findRootKeys(place))?.password, made.password)
})

test('a file without keys is refused by its path, and never replaced', async (context) => {
  const place = await freshPlace(context)
  await openRootKeys(place, createSeededRandom(1))
  for (const text of ['', '{"user":"u"', '{"user":"u"}', 'null', '[]']) {
    await writeFile(rootKeysPath(place.folder), text)
    await assert.rejects(openRootKeys(place, createSeededRandom(2)), {
      name: 'ConfigurationError',
      message: new RegExp(`^${rootKeysPath(place.folder)} does not hold a user and a password`),
    })
    assert.equal(await readFile(rootKeysPath(place.folder), 'utf8'), text)
  }
})
