// The golden files of docs/formats/bodies.md: what a release wrote must be readable for good.
import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createSeededRandom } from '../../src/base/random.ts'
import type { DiskBodies, ScannedEntry, StoredBody } from '../../src/storage/disk/bodies/bodies.ts'
import { openBodies } from '../../src/storage/disk/bodies/open-bodies.ts'

const GOLDEN = join(import.meta.dirname, '../fixtures/bodies-v1')
const SEGMENT = 'segments/0000000000000001.segment'
const FILE = 'files/1/1007.body'

const RECORD = { bucket: 'golden', key: 'ключ', versionId: 'null', sequence: '0000000000000007' }

function pattern(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, at) => at % 251))
}

const STORED = [
  { id: 5n, size: 5000, place: { kind: 'segment', segment: 1, offset: 48, length: 5144 } },
  { id: 6n, size: 70_000, place: { kind: 'segment', segment: 1, offset: 5192, length: 70_064 } },
  { id: 0x1007n, size: 262_145, place: { kind: 'file' } },
] as const satisfies readonly StoredBody[]

async function openAt(context: TestContext, folder: string): Promise<DiskBodies> {
  context.after(() => rm(folder, { recursive: true }))
  const fail = assert.fail
  const bodies = await openBodies({ folder, fail, random: createSeededRandom(1) })
  context.after(() => bodies.close())
  return bodies
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'coffer-golden-'))
}

async function readAll(bodies: DiskBodies, body: StoredBody): Promise<Buffer> {
  const chunks: Buffer[] = []
  const stream = bodies.read(body, { start: 0, end: body.size })
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

test('bodies of format 1 are read', async (context) => {
  const folder = await temporaryFolder()
  await cp(GOLDEN, folder, { recursive: true })
  const bodies = await openAt(context, folder)
  for (const body of STORED) assert.deepEqual(await readAll(bodies, body), pattern(body.size))
  const entries: ScannedEntry[] = []
  for await (const entry of bodies.segments.scan(1)) entries.push(entry)
  const [first, second] = STORED
  const intact = { kind: 'entry', manifest: false, dead: false, damage: undefined } as const
  assert.deepEqual(entries, [
    { ...intact, stored: first, record: RECORD },
    { ...intact, stored: second, record: {}, dead: true },
    {
      ...intact,
      manifest: true,
      stored: {
        id: 9n,
        size: 0,
        place: { kind: 'segment', segment: 1, offset: 75_256, length: 64 },
      },
      record: { upload: 'x' },
    },
  ])
  assert.deepEqual(await bodies.files.inspect(0x1007n), { size: 262_145, record: RECORD })
})

test('format 1 is still written byte for byte', async (context) => {
  const folder = await temporaryFolder()
  const bodies = await openAt(context, folder)
  for (const { id, size } of STORED) {
    const written = await bodies.write(id, {
      bytes: (async function* () {
        yield pattern(size)
      })(),
      size,
      digest: () => ({ size, md5: 'unused', checksum: undefined }),
    })
    await written.seal(id === 6n ? {} : RECORD)
  }
  await bodies.writeManifest({ upload: 'x' }, 9n)
  await bodies.release(6n, STORED[1].place)
  for (const name of [SEGMENT, FILE]) {
    const [made, golden] = await Promise.all([folder, GOLDEN].map((at) => readFile(join(at, name))))
    assert.ok(golden !== undefined && made?.equals(golden), name)
  }
})
