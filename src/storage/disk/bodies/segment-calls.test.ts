import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { bodyOf, noise } from '../../conformance/bytes.ts'
import type { DiskBodies } from './bodies.ts'
import { type Disk, systemDisk } from './disk.ts'
import { openBodies } from './open-bodies.ts'
import { segmentPath } from './paths.ts'

const KIB = 1024
const BODY_BYTES = 8 * KIB

async function openFresh(
  context: TestContext,
  options: { readonly segmentBytes: number; readonly disk?: Disk },
): Promise<{ readonly folder: string; readonly bodies: DiskBodies }> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-segments-'))
  context.after(() => rm(folder, { recursive: true }))
  const bodies = await openBodies({ folder, fail: assert.fail, ...options })
  context.after(() => bodies.close())
  return { folder, bodies }
}

async function write(bodies: DiskBodies, from: number, to: number): Promise<void> {
  for (let id = from; id < to; id += 1) {
    await (await bodies.write(BigInt(id), bodyOf(noise(BODY_BYTES, id)))).seal({})
  }
}

async function listNumbers(bodies: DiskBodies): Promise<readonly number[]> {
  return (await bodies.segments.list()).map(({ segment }) => segment)
}

test('segments end at the limit that they are given, but no later than at the first', async (context) => {
  const { bodies } = await openFresh(context, { segmentBytes: 4 * BODY_BYTES })
  await write(bodies, 1, 13)
  assert.equal((await listNumbers(bodies)).length, 3)
  bodies.segments.limitTo(2 * BODY_BYTES)
  await write(bodies, 13, 25)
  assert.equal((await listNumbers(bodies)).length, 9)
  bodies.segments.limitTo(1024 * BODY_BYTES)
  await write(bodies, 25, 37)
  assert.equal((await listNumbers(bodies)).length, 12)
})

test('a segment that goes while segments are listed is not among them', async (context) => {
  let goes = ''
  const sizeOf = async (path: string): Promise<number> => {
    await rm(goes, { force: true })
    return systemDisk.folders.sizeOf(path)
  }
  const disk = { ...systemDisk, folders: { ...systemDisk.folders, sizeOf } }
  const { bodies, folder } = await openFresh(context, { segmentBytes: BODY_BYTES, disk })
  await write(bodies, 1, 3)
  goes = segmentPath(folder, 1)
  assert.deepEqual(await listNumbers(bodies), [2])
})
