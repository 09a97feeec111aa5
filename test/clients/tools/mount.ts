/** File systems whose files are objects: mounted for the time of one test, and always unmounted. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endProgram, runProgram, type ProgramEnd, type ProgramOptions } from '../run-program.ts'
import { findSystemProgram } from './system-program.ts'

export type Mount = ProgramOptions & {
  /** Stays in the foreground until the folder is unmounted. */
  readonly command: (folder: string) => readonly string[]
}

const MOUNT_TIMEOUT_MS = 20_000
const POLL_MS = 20

/** Where the program lies. @throws when this machine has none, or mounts nothing */
export async function findMountProgram(name: string): Promise<string> {
  if (!existsSync('/dev/fuse')) throw new Error('There is no /dev/fuse.')
  await findSystemProgram('fusermount3')
  return findSystemProgram(name)
}

/** `body` was given the mounted folder. It is unmounted now, and all that was written is stored. */
export async function withMount(
  { command, ...options }: Mount,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-mount-'))
  const ended = endProgram(command(folder), options)
  try {
    await Promise.race([untilMounted(folder), ended.then(complain)])
    await body(folder)
  } finally {
    if (await isMounted(folder)) await unmount(folder, options)
    await rmdir(folder)
  }
  complain(await ended)
}

async function untilMounted(folder: string): Promise<void> {
  const deadline = performance.now() + MOUNT_TIMEOUT_MS
  while (!(await isMounted(folder))) {
    assert.ok(performance.now() < deadline, `Nothing was mounted within ${MOUNT_TIMEOUT_MS} ms.`)
    await sleep(POLL_MS)
  }
}

async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8')
  return mounts.split('\n').some((line) => line.split(' ')[4] === folder)
}

/** What is still busy is cut off, so that no test leaves anything mounted. */
async function unmount(folder: string, options: ProgramOptions): Promise<void> {
  await runProgram(['fusermount3', '-u', folder], options).catch(async (error: unknown) => {
    await runProgram(['fusermount3', '-uz', folder], options)
    throw error
  })
}

function complain({ exitCode, stdout, stderr }: ProgramEnd): void {
  assert.equal(exitCode, 0, `The mount ended with ${exitCode}: ${stdout}${stderr}`)
}
