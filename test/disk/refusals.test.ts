// What a store says when it cannot: each refusal has its code, and nothing acknowledged is lost by
// it.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import {
  at,
  BUCKET,
  createBucket,
  listKeys,
  PLAIN,
  put,
  read,
  remove,
} from '../../src/storage/conformance/actions.ts'
import { bodyOf, noise } from '../../src/storage/conformance/bytes.ts'
import { assertRefused } from '../../src/storage/conformance/truth.ts'
import { systemDisk, type Disk } from '../../src/storage/disk/bodies/disk.ts'
import { openDiskStore } from '../../src/storage/disk/disk-store.ts'

const isRoot = process.getuid?.() === 0

async function newFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a second process is told that the store is in use', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  const script = `
    import { openDiskStore } from ${JSON.stringify(new URL('../../src/storage/disk/disk-store.ts', import.meta.url).href)}
    await openDiskStore({ folder: process.argv[1] }).then(
      (store) => { console.log('opened'); return store.close() },
      (error) => console.log(error.code, error.message),
    )`
  const open = async (): Promise<string> => {
    const child = promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      folder,
    ])
    return (await child).stdout
  }
  assert.equal(
    await open(),
    `StoreInUse Another process has opened ${folder}. Stop it first, or ask it over the network.\n`,
  )
  await store.close()
  assert.equal(await open(), 'opened\n')
})

test('a second opening in the same process is told the same', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await assertRefused(openDiskStore({ folder }), 'StoreInUse')
  await createBucket(store)
  await store.close()
})

test('a folder that holds something else is left alone', async (context) => {
  const folder = await newFolder(context)
  await writeFile(join(folder, 'thesis.tex'), 'years of work')
  await assertRefused(openDiskStore({ folder }), 'UnknownFormat')
  assert.equal(await readFile(join(folder, 'thesis.tex'), 'utf8'), 'years of work')
})

test('a folder of a later format is not touched', async (context) => {
  const folder = await newFolder(context)
  await (await openDiskStore({ folder })).close()
  const path = join(folder, 'coffer.json')
  const described: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...described, formatVersion: 2 }))
  await assert.rejects(openDiskStore({ folder }), {
    code: 'UnknownFormat',
    message: /format version 2; this Coffer reads 1/,
  })
})

test('a file in the place of the folder is no folder', async (context) => {
  const path = join(await newFolder(context), 'file')
  await writeFile(path, '')
  await assertRefused(openDiskStore({ folder: path }), 'UnknownFormat')
})

test('a crash while the folder became a store is no obstacle', async (context) => {
  const folder = await newFolder(context)
  await writeFile(join(folder, 'lock'), '')
  await writeFile(join(folder, 'coffer.json.new'), '{"for')
  await (await openDiskStore({ folder })).close()
})

test(
  'a folder without permission names itself and what to do',
  { skip: isRoot ? 'root may write everywhere' : false },
  async (context) => {
    const folder = join(await newFolder(context), 'closed')
    await mkdir(folder, { mode: 0o500 })
    await assert.rejects(openDiskStore({ folder }), {
      code: 'ReadOnly',
      message: new RegExp(`No permission to write in ${folder}`),
    })
  },
)

test('below the reserve new bytes are refused, and deletes work', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  await put(store, 'one')
  await put(store, 'two')
  await store.close()
  const full = await openDiskStore({ folder, reserveBytes: Number.MAX_SAFE_INTEGER })
  await assertRefused(put(full, 'three'), 'StorageFull')
  const upload = await full.uploads.begin(at('upload'), PLAIN)
  const part = full.uploads.putPart({ ...upload, partNumber: 1 }, bodyOf('x'), PLAIN)
  await assertRefused(part, 'StorageFull')
  await remove(full, at('one'))
  assert.deepEqual(await listKeys(full), ['two'])
  await full.close()
})

test('after a failed sync nothing is written until a restart, and reads go on', async (context) => {
  const folder = await newFolder(context)
  let isBroken = false
  const disk: Disk = {
    ...systemDisk,
    files: {
      ...systemDisk.files,
      async sync(fd) {
        if (isBroken) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
        await systemDisk.files.sync(fd)
      },
    },
  }
  const store = await openDiskStore({ folder, disk })
  await createBucket(store)
  await put(store, 'kept', noise(100_000))
  isBroken = true
  await assertRefused(put(store, 'segment', noise(100_000)), 'StoreFailed')
  isBroken = false
  await assertRefused(put(store, 'small'), 'StoreFailed')
  await assertRefused(put(store, 'file', noise(600_000)), 'StoreFailed')
  await assertRefused(remove(store, at('kept')), 'StoreFailed')
  await assertRefused(store.buckets.delete(BUCKET, PLAIN), 'StoreFailed')
  assert.deepEqual(await read(store, at('kept')), noise(100_000))
  await store.close()
  const reopened = await openDiskStore({ folder })
  assert.deepEqual(await listKeys(reopened), ['kept'])
  await put(reopened, 'small')
  assert.deepEqual(await listKeys(reopened), ['kept', 'small'])
  await reopened.close()
})

/** A disk of its own in memory, as small as wanted. */
async function mountSmallDisk(context: TestContext, sizeBytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder])
  context.after(async () => {
    execFileSync('umount', [folder])
    await rmdir(folder)
  })
  return folder
}

const needsMount =
  isRoot && process.platform === 'linux' ? false : 'only root may mount a small disk'

test(
  'a full disk refuses what does not fit and keeps the rest',
  { skip: needsMount },
  async (context) => {
    const folder = await mountSmallDisk(context, 8 * 1024 * 1024)
    const store = await openDiskStore({ folder, reserveBytes: 0 })
    await createBucket(store)
    const sizes = [100, 4096, 50_000, 300_000]
    const kept: string[] = []
    const refused: string[] = []
    for (let count = 0; refused.length < 8; count += 1) {
      const size = sizes[count % sizes.length] ?? 0
      const key = `${String(count).padStart(4, '0')} ${size}`
      await put(store, key, noise(size)).then(
        () => kept.push(key),
        (error: { code?: string }) => refused.push(String(error.code)),
      )
    }
    assert.deepEqual(new Set(refused), new Set(['StorageFull']))
    assert.deepEqual(await listKeys(store), kept)
    await store.close()
    const reopened = await openDiskStore({ folder, reserveBytes: 0 })
    assert.deepEqual(await listKeys(reopened), kept)
    for (const key of kept) {
      assert.deepEqual(await read(reopened, at(key)), noise(Number(key.split(' ')[1])))
    }
    await reopened.close()
  },
)

test('with the reserve a full disk can be emptied', { skip: needsMount }, async (context) => {
  const folder = await mountSmallDisk(context, 16 * 1024 * 1024)
  const store = await openDiskStore({ folder, reserveBytes: 4 * 1024 * 1024 })
  await createBucket(store)
  await assert.rejects(
    async () => {
      for (;;) await put(store, crypto.randomUUID(), noise(300_000))
    },
    { code: 'StorageFull' },
  )
  for (const key of await listKeys(store)) await remove(store, at(key))
  assert.deepEqual(await listKeys(store), [])
  await store.close()
  const reopened = await openDiskStore({ folder, reserveBytes: 4 * 1024 * 1024 })
  await put(reopened, 'key', noise(300_000))
  await reopened.close()
})

test('a read-only disk is named as such', { skip: needsMount }, async (context) => {
  const folder = await mountSmallDisk(context, 16 * 1024 * 1024)
  await (await openDiskStore({ folder, reserveBytes: 0 })).close()
  execFileSync('mount', ['-o', 'remount,ro', folder])
  await assert.rejects(openDiskStore({ folder }), {
    code: 'ReadOnly',
    message: new RegExp(`${folder} lies on a read-only disk`),
  })
})
