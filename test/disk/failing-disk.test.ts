// What bodies do on a disk that is full or broken: the calls of the system fail when a test says
// so.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createSeededRandom } from '../../src/base/random.ts'
import { bodyOf } from '../../src/storage/conformance/bytes.ts'
import type { DiskBodies, StoredBody } from '../../src/storage/disk/bodies/bodies.ts'
import { systemDisk } from '../../src/storage/disk/bodies/disk.ts'
import { openBodies } from '../../src/storage/disk/bodies/open-bodies.ts'
import { segmentPath } from '../../src/storage/disk/bodies/paths.ts'

const MIB = 1024 * 1024

const random = createSeededRandom(20_261_120)

type Fault = { armed: boolean; code: string; call: 'write' | 'sync' | 'open' }

function faultyDisk(fault: Fault) {
  const strike = (call: Fault['call']): void => {
    if (!fault.armed || fault.call !== call) return
    throw Object.assign(new Error(`${fault.code}: ${call}`), { code: fault.code })
  }
  const files = {
    ...systemDisk.files,
    async open(...call: Parameters<typeof systemDisk.files.open>) {
      strike('open')
      return systemDisk.files.open(...call)
    },
    async write(fd: number, buffers: readonly Uint8Array[], position: number) {
      if (fault.armed && fault.call === 'write') {
        // A full disk takes the first half.
        const [first] = buffers
        if (first !== undefined) {
          await systemDisk.files.write(fd, [first.subarray(0, first.length / 2)], position)
        }
      }
      strike('write')
      return systemDisk.files.write(fd, buffers, position)
    },
    async sync(fd: number) {
      strike('sync')
      return systemDisk.files.sync(fd)
    },
  }
  return { ...systemDisk, files }
}

async function openOn(context: TestContext, fault: Fault) {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-bodies-'))
  const failures: Error[] = []
  const fail = (error: Error): number => failures.push(error)
  const bodies = await openBodies({ folder, fail, disk: faultyDisk(fault) })
  context.after(async () => {
    await bodies.close()
    await rm(folder, { recursive: true })
  })
  return { folder, bodies, failures }
}

async function store(bodies: DiskBodies, id: bigint, content: Uint8Array): Promise<StoredBody> {
  const written = await bodies.write(id, bodyOf(content))
  await written.seal({ id: id.toString(16) })
  return written.stored
}

async function readAll(bodies: DiskBodies, body: StoredBody): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of bodies.read(body, { start: 0, end: body.size })) {
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
}

test('a full disk refuses and takes nothing; with space again, writes go on', async (context) => {
  for (const call of ['write', 'sync', 'open'] as const) {
    const fault: Fault = { armed: false, code: 'ENOSPC', call }
    const { folder, bodies, failures } = await openOn(context, fault)
    const content = random.bytes(50_000)
    const before = await store(bodies, 1n, content)
    const sizeBefore = (await stat(segmentPath(folder, 1))).size
    fault.armed = true
    // An open segment needs no `open`.
    if (call !== 'open') {
      await assert.rejects(store(bodies, 2n, content), { code: 'StorageFull' })
    }
    await assert.rejects(store(bodies, 3n, random.bytes(3 * MIB)), { code: 'StorageFull' })
    fault.armed = false
    assert.deepEqual(await readdir(join(folder, 'files', '0')), [])
    if (call === 'write') assert.equal((await stat(segmentPath(folder, 1))).size, sizeBefore)
    const after = await store(bodies, 4n, content)
    const large = await store(bodies, 5n, random.bytes(3 * MIB))
    assert.ok((await readAll(bodies, before)).equals(content))
    assert.ok((await readAll(bodies, after)).equals(content))
    assert.equal((await readAll(bodies, large)).length, 3 * MIB)
    assert.deepEqual(failures, [])
  }
})

test('a failed sync is reported once, never tried again, and ends all writing', async (context) => {
  for (const size of [50_000, 2 * MIB]) {
    const fault: Fault = { armed: false, code: 'EIO', call: 'sync' }
    const { bodies, failures } = await openOn(context, fault)
    const before = await store(bodies, 1n, random.bytes(size))
    fault.armed = true
    await assert.rejects(store(bodies, 2n, random.bytes(size)), { code: 'StoreFailed' })
    fault.armed = false
    await assert.rejects(store(bodies, 3n, random.bytes(size)), { code: 'StoreFailed' })
    await assert.rejects(bodies.writeManifest({}), { code: 'StoreFailed' })
    assert.equal(failures.length, 1)
    assert.equal((await readAll(bodies, before)).length, size)
  }
})
