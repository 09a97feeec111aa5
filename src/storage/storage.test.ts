import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../base/clock.ts'
import { LIMITS } from './limits.ts'
import { openMemoryStore } from './memory/memory-store.ts'
import type { NewVersion, ChangeOptions, ObjectStore } from './object-store.ts'
import { Storage } from './storage.ts'

const ORIGIN = {
  account: 'alice',
  identity: 'alice',
  requestId: 'request',
  sourceAddress: '192.0.2.1',
  userAgent: 'test',
  ancestry: [],
}
const CHANGE: ChangeOptions = { origin: ORIGIN }
const PLAIN: ChangeOptions & NewVersion = {
  origin: ORIGIN,
  owner: 'alice',
  headers: {},
  metadata: [],
  tags: [],
  storageClass: 'STANDARD',
}
const NAME = { bucket: 'bucket', key: 'key' }
const STARTED_AT = new Date('2026-01-01T00:00:00Z')

function bytesOf(text: string): { readonly bytes: AsyncIterable<Uint8Array> } {
  return {
    bytes: (async function* () {
      yield Buffer.from(text)
    })(),
  }
}

async function openStorage(
  options: {
    readonly objectLock?: boolean
    readonly capabilities?: Partial<ObjectStore['capabilities']>
  } = {},
): Promise<Storage> {
  const clock = createManualClock(STARTED_AT)
  const store = await openMemoryStore({ clock })
  const capabilities = { ...store.capabilities, ...options.capabilities }
  const storage = new Storage({ ...store, capabilities }, { clock })
  const objectLock = options.objectLock ?? false
  await storage.buckets.create('bucket', { ...CHANGE, owner: 'alice', objectLock })
  return storage
}

async function setDefault(storage: Storage, rule: object): Promise<void> {
  const content = JSON.stringify(rule)
  await storage.documents.put('bucket', { name: 'object-lock', content }, CHANGE)
}

test('names are checked before the store is asked', async () => {
  const storage = await openStorage()
  const creation = storage.buckets.create('No', { ...CHANGE, owner: 'alice', objectLock: false })
  await assert.rejects(creation, { code: 'InvalidBucketName' })
  for (const key of ['', 'x'.repeat(1025), '\ud83d']) {
    const bad = { bucket: 'bucket', key }
    const asked = [
      () => storage.objects.put(bad, bytesOf('text'), PLAIN),
      () => storage.objects.get(bad, {}),
      () => storage.objects.head(bad, {}),
      () => storage.objects.delete(bad, CHANGE),
      () => storage.objects.copy(NAME, bad, PLAIN),
      () => storage.objects.copy(bad, NAME, PLAIN),
      () => storage.uploads.begin(bad, PLAIN),
    ]
    for (const ask of asked) await assert.rejects(ask, { code: 'InvalidKey' })
  }
})

function tagsOf(count: number, name = 'tag', value = ''): NewVersion['tags'] {
  return Array.from({ length: count }, (_, number) => [`${name}${number}`, value])
}

test('descriptions have limits, which they may reach', async () => {
  const storage = await openStorage()
  const put = (options: Partial<NewVersion>): Promise<unknown> =>
    storage.objects.put(NAME, bytesOf('text'), { ...PLAIN, ...options })
  await put({ metadata: [['a', 'x'.repeat(2047)]] })
  await put({ tags: tagsOf(10, 'n'.repeat(127), 'v'.repeat(256)) })
  await put({ headers: { contentType: 'x'.repeat(8192) } })
  await assert.rejects(put({ metadata: [['a', 'ä'.repeat(1024)]] }), { code: 'MetadataTooLarge' })
  await assert.rejects(put({ headers: { expires: 'x'.repeat(8193) } }), {
    code: 'MetadataTooLarge',
  })
  await assert.rejects(put({ acl: 'x'.repeat(65_537) }), { code: 'MetadataTooLarge' })
  const badTags = [
    tagsOf(11),
    tagsOf(1, 'n'.repeat(128)),
    tagsOf(1, 'n', 'v'.repeat(257)),
    [['', '']],
  ] as const
  for (const each of badTags) await assert.rejects(put({ tags: each }), { code: 'InvalidArgument' })
  await assert.rejects(
    put({
      tags: [
        ['a', '1'],
        ['a', '2'],
      ],
    }),
    { code: 'InvalidArgument' },
  )
})

test('numbers out of bounds are refused', async () => {
  const storage = await openStorage()
  for (const limit of [-1, 1.5, LIMITS.listPage + 1, Number.NaN]) {
    await assert.rejects(storage.objects.list('bucket', { limit }), { code: 'InvalidArgument' })
  }
  const upload = await storage.uploads.begin(NAME, PLAIN)
  for (const partNumber of [0, 10_001, 1.5]) {
    const part = storage.uploads.putPart({ ...upload, partNumber }, bytesOf('x'), CHANGE)
    await assert.rejects(part, { code: 'InvalidArgument' })
    await assert.rejects(storage.objects.get(NAME, { partNumber }), { code: 'InvalidArgument' })
  }
  const both = storage.objects.get(NAME, { partNumber: 1, range: { start: 0 } })
  await assert.rejects(both, { code: 'InvalidArgument' })
  const negative = storage.objects.get(NAME, { range: { start: -1 } })
  await assert.rejects(negative, { code: 'InvalidArgument' })
})

test('a body that is not what was announced is not stored', async () => {
  const storage = await openStorage()
  const lie = { ...bytesOf('text'), md5: 'AAAAAAAAAAAAAAAAAAAAAA==' }
  await assert.rejects(storage.objects.put(NAME, lie, PLAIN), { code: 'BadDigest' })
  await assert.rejects(storage.objects.head(NAME, {}), { code: 'NoSuchKey' })
})

test('new versions get the default retention of their bucket', async () => {
  const storage = await openStorage({ objectLock: true })
  await setDefault(storage, { mode: 'GOVERNANCE', days: 2 })
  const retention = { mode: 'GOVERNANCE', until: new Date('2026-01-03T00:00:00Z') }
  const made = await storage.objects.put(NAME, bytesOf('text'), PLAIN)
  assert.deepEqual(made.retention, retention)
  const copied = await storage.objects.copy(NAME, { ...NAME, key: 'copy' }, PLAIN)
  assert.deepEqual(copied.retention, retention)
  const upload = await storage.uploads.begin(NAME, PLAIN)
  const part = await storage.uploads.putPart({ ...upload, partNumber: 1 }, bytesOf('x'), CHANGE)
  const completed = await storage.uploads.complete(
    upload,
    [{ partNumber: 1, etag: part.etag }],
    CHANGE,
  )
  assert.deepEqual(completed.retention, retention)
  const own = { mode: 'COMPLIANCE', until: new Date('2026-01-02T00:00:00Z') } as const
  const given = await storage.objects.put(NAME, bytesOf('text'), { ...PLAIN, retention: own })
  assert.deepEqual(given.retention, own)
  await setDefault(storage, {})
  const bare = await storage.objects.put(NAME, bytesOf('text'), PLAIN)
  assert.equal(bare.retention, undefined)
})

test('a default retention waits until object lock is switched on', async () => {
  const storage = await openStorage()
  await setDefault(storage, { mode: 'GOVERNANCE', days: 2 })
  assert.equal((await storage.objects.put(NAME, bytesOf('text'), PLAIN)).retention, undefined)
  const change = { versioning: 'enabled', objectLock: true } as const
  await storage.buckets.update('bucket', change, CHANGE)
  const { retention } = await storage.objects.put(NAME, bytesOf('text'), PLAIN)
  assert.equal(retention?.mode, 'GOVERNANCE')
})

test('a default retention that makes no sense is refused', async () => {
  const storage = await openStorage({ objectLock: true })
  const rules = [
    { mode: 'GOVERNANCE' },
    { days: 1 },
    { mode: 'governance', days: 1 },
    { mode: 'GOVERNANCE', days: 1, years: 1 },
    { mode: 'GOVERNANCE', days: 0 },
    { mode: 'GOVERNANCE', years: 101 },
    { mode: 'GOVERNANCE', days: '1' },
  ]
  for (const rule of rules) {
    await assert.rejects(
      setDefault(storage, rule),
      { code: 'InvalidArgument' },
      JSON.stringify(rule),
    )
  }
  const text = { name: 'object-lock', content: 'not JSON' }
  await assert.rejects(storage.documents.put('bucket', text, CHANGE), { code: 'InvalidArgument' })
})

test('what the store cannot do is refused', async () => {
  const capabilities = { versions: false, conditionalWrites: false, objectLock: false }
  const storage = await openStorage({ capabilities })
  const condition = { ifNoneMatch: ['*'] }
  const retention = { mode: 'GOVERNANCE', until: new Date('2027-01-01T00:00:00Z') } as const
  const hold = { kind: 'legal-hold', legalHold: true } as const
  await storage.objects.put(NAME, bytesOf('text'), PLAIN)
  const asked = [
    () => storage.objects.put(NAME, bytesOf('x'), { ...PLAIN, condition }),
    () => storage.objects.copy(NAME, NAME, { ...PLAIN, condition }),
    () => storage.objects.delete(NAME, { ...CHANGE, condition: { ifMatchSize: 0 } }),
    () => storage.objects.put(NAME, bytesOf('x'), { ...PLAIN, retention }),
    () => storage.objects.put(NAME, bytesOf('x'), { ...PLAIN, legalHold: true }),
    () => storage.objects.update(NAME, hold, CHANGE),
    () => storage.buckets.update('bucket', { versioning: 'enabled' }, CHANGE),
    () => storage.buckets.create('other', { ...CHANGE, owner: 'alice', objectLock: true }),
  ]
  for (const ask of asked) await assert.rejects(ask, { code: 'NotSupported' })
  await storage.objects.put(NAME, bytesOf('text'), { ...PLAIN, condition: {} })
})

test('parts are given the checksum that their upload asked for, and no other', async () => {
  const storage = await openStorage()
  const checksum = { algorithm: 'CRC32', type: 'full-object' } as const
  const upload = await storage.uploads.begin(NAME, { ...PLAIN, checksum })
  const name = { ...upload, partNumber: 1 }
  const part = await storage.uploads.putPart(name, bytesOf('123456789'), CHANGE)
  assert.equal(part.checksum?.value, 'y/Q5Jg==')
  const other = { ...bytesOf('x'), checksum: { algorithm: 'SHA1' } } as const
  await assert.rejects(storage.uploads.putPart(name, other, CHANGE), { code: 'InvalidArgument' })
  const impossible = { algorithm: 'SHA256', type: 'full-object' } as const
  const begun = storage.uploads.begin(NAME, { ...PLAIN, checksum: impossible })
  await assert.rejects(begun, { code: 'InvalidArgument' })
})

test('commits of many are checked write by write', async () => {
  const storage = await openStorage({ objectLock: true })
  await setDefault(storage, { mode: 'GOVERNANCE', days: 1 })
  const { commits } = storage
  assert.ok(commits !== undefined)
  const body = await commits.prepare('bucket', bytesOf('text'), CHANGE)
  const put = { kind: 'put', name: NAME, body, options: PLAIN } as const
  const bad = { ...put, name: { bucket: 'bucket', key: '' } }
  await assert.rejects(commits.commit([put, bad], CHANGE), { code: 'InvalidKey' })
  const [made] = await commits.commit([put], CHANGE)
  assert.ok(made?.kind === 'version')
  assert.deepEqual(made.version.retention?.until, new Date('2026-01-02T00:00:00Z'))
})
