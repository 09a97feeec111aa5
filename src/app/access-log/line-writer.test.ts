// Against real pipes and files: what is slow, full or gone.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createLineWriter } from './line-writer.ts'

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-lines-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

function lines(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${at} ${'x'.repeat(at % 97)}\n`)
}

function noLoss(count: number, error: unknown): never {
  return assert.fail(`${count} lines: ${String(error)}`)
}

test('every line is in the file, whole and in order, when the writer is closed', async (context) => {
  const path = join(await temporaryFolder(context), 'log')
  const fd = openSync(path, 'a')
  context.after(() => closeSync(fd))
  const writer = createLineWriter({ fd, onLost: noLoss })
  for (const line of lines(5000)) writer.write(line)
  await writer.close()
  assert.equal(readFileSync(path, 'utf8'), lines(5000).join(''))
})

test('a file that was moved away is left for the new one, and no line is lost', async (context) => {
  const folder = await temporaryFolder(context)
  const [old, fresh] = ['old', 'fresh'].map((name) => openSync(join(folder, name), 'a'))
  const writer = createLineWriter({ fd: old!, onLost: noLoss })
  for (const line of lines(1000)) writer.write(line)
  await writer.moveTo(fresh!)
  closeSync(old!)
  for (const line of lines(1000)) writer.write(line)
  await writer.close()
  closeSync(fresh!)
  const written = ['old', 'fresh'].map((name) => readFileSync(join(folder, name), 'utf8')).join('')
  assert.equal(written, lines(1000).join('').repeat(2))
})

test('a pipe that nobody reads costs a bounded amount of memory, and lost lines are counted', async (context) => {
  const path = join(await temporaryFolder(context), 'pipe')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  context.after(() => closeSync(fd))
  const lost: number[] = []
  const writer = createLineWriter({
    fd,
    onLost: (count) => lost.push(count),
    heldLengthMax: 200_000,
    closeWithinMs: 300,
  })
  const line = `${'y'.repeat(999)}\n`
  for (let round = 0; round < 1000; round++) {
    writer.write(line)
    if (round % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const lostLines = (): number => lost.reduce((sum, count) => sum + count, 0)
  // 200 lines are held; a pipe takes 64 KiB, and maybe a chunk is on its way.
  assert.ok(lostLines() >= 1000 - 200 - 70, `${lostLines()}`)
  await writer.close()
  // What was held is given up now: nobody waits for it any more. A chunk may still arrive.
  const room = Buffer.alloc(1 << 20)
  let read = readSync(fd, room)
  assert.ok(read > 0)
  await new Promise((resolve) => setTimeout(resolve, 200))
  read += readWhatIsThere(fd, room.subarray(read))
  assert.equal(room.toString('latin1', 0, read).replaceAll(line, ''), line.slice(0, read % 1000))
  assert.ok(lostLines() + read / 1000 >= 1000, `${lostLines()} lost, ${read} bytes written`)
})

function readWhatIsThere(fd: number, room: Buffer): number {
  try {
    return readSync(fd, room)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
    throw error
  }
}

test('a disk that is full loses lines, says why, and is tried again', async (context) => {
  const fd = openSync('/dev/full', 'a')
  context.after(() => closeSync(fd))
  const losses: unknown[] = []
  const writer = createLineWriter({ fd, onLost: (count, error) => losses.push([count, error]) })
  writer.write('one\n')
  writer.write('two\n')
  await writer.close()
  assert.match(JSON.stringify(losses), /^\[\[2,.*"code":"ENOSPC"/)
})
