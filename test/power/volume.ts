// ext4 volumes: a recorded one, whose block device logs what reaches it, and plain ones made from
// images.
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FAULTS } from './faults-of-a-disk.ts'
import type { Fault } from './faults-of-a-disk.ts'
import { createNamesLog } from './strict-names.ts'
import { stopWhenEnding, undoLater } from './undo.ts'

export type Volume = {
  /** Where it is mounted. */
  readonly folder: string
  /** Unmounts it; what was mounted stays as it is. */
  readonly unmount: () => Promise<void>
}

export type RecordedVolume = Volume & {
  readonly log: string
  /** The freshly made volume, before the first record. */
  readonly base: string
  /** The device as it is now. */
  readonly image: string
  /** Where a server notes the names that it makes. */
  readonly names: string
  /** How long the log is now: everything the device was told up to here. */
  readonly position: () => number
  /** From now on the device fails so. */
  setFault(fault: Fault): void
}

const VOLUME_SIZE = 2 * 1024 ** 3
const JOURNAL_SIZE_MIB = 16
const DAEMON = join(import.meta.dirname, 'fuse-daemon.ts')

const execute = promisify(execFile)

/** Runs a program of the system; rejects with what it said on stderr. */
export async function runProgram(program: string, words: readonly string[]): Promise<void> {
  await execute(program, words)
}

export type WorkFolder = { readonly path: string; readonly remove: () => Promise<void> }

/** A folder for one piece of work, removed with the rest. */
export async function makeWorkFolder(): Promise<WorkFolder> {
  stopWhenEnding()
  const path = await mkdtemp(join(tmpdir(), 'coffer-power-'))
  return {
    path,
    remove: undoLater(() => rm(path, { recursive: true, force: true, maxRetries: 10 })),
  }
}

/** A sparse image with an empty ext4; nothing is left to be initialised later. */
export async function makeImage(path: string, size: number = VOLUME_SIZE): Promise<void> {
  await writeFile(path, '')
  await truncate(path, size)
  const extended = 'lazy_itable_init=0,lazy_journal_init=0,nodiscard'
  const words = ['-q', '-F', '-m', '0', '-J', `size=${JOURNAL_SIZE_MIB}`, '-E', extended, path]
  await runProgram('mkfs.ext4', words)
}

export async function copyImage(from: string, to: string): Promise<void> {
  stopWhenEnding()
  await runProgram('cp', ['--sparse=always', '--reflink=auto', from, to])
}

/** Mounts an image, or any file that holds a file system, on a loop device. */
export async function mountImage(
  image: string,
  { folder, options = [] }: { readonly folder: string; readonly options?: readonly string[] },
): Promise<Volume> {
  stopWhenEnding()
  await mkdir(folder, { recursive: true })
  const words = ['-t', 'ext4', '-o', ['loop', ...options].join(','), image, folder]
  const mounted = runProgram('mount', words)
  const undo = undoLater(() =>
    mounted.then(
      () => unmount(folder),
      () => undefined,
    ),
  )
  await mounted
  return { folder, unmount: undo }
}

async function unmount(folder: string): Promise<void> {
  // A process that was just killed may hold its files for some milliseconds more.
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      await runProgram('umount', [folder])
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await runProgram('umount', ['--lazy', folder])
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/**
 * After a power cut the kernel has another boot id, by which lmdb's default mode decides what it
 * may trust. The words run a program that sees a fresh one.
 */
export async function bootAnew(folder: string): Promise<readonly string[]> {
  const path = join(folder, 'boot-id')
  await writeFile(path, `${randomUUID()}\n`)
  const script = `mount --bind "$0" ${BOOT_ID} && exec "$@"`
  return ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, path]
}

/** A new volume in `folder` whose device logs every write and every flush. */
export async function mountRecorded(
  folder: string,
  { size = VOLUME_SIZE }: { readonly size?: number } = {},
): Promise<RecordedVolume> {
  const path = (name: string): string => join(folder, name)
  const [image, base, log, fault] = ['image', 'base', 'log', 'fault'].map(path)
  if (!image || !base || !log || !fault) throw new Error('unreachable')
  await makeImage(image, size)
  await copyImage(image, base)
  await writeFile(log, '')
  writeFileSync(fault, Uint8Array.of(0))
  const device = await serve(path('device'), [image, log, fault])
  const volume = await mountImage(path('device'), { folder: path('volume') })
  return {
    ...volume,
    log,
    base,
    image,
    names: createNamesLog(folder),
    position: () => statSync(log).size,
    setFault: (now) => writeFileSync(fault, Uint8Array.of(FAULTS.indexOf(now))),
    unmount: async () => {
      await volume.unmount()
      await device()
    },
  }
}

/** Puts the daemon's file at `path`; the function that it returns takes it away. */
async function serve(path: string, words: readonly string[]): Promise<() => Promise<void>> {
  await writeFile(path, '')
  const connection = openSync('/dev/fuse', 'r+')
  const stdio = ['ignore', 'ignore', 'inherit', connection] as const
  const daemon = spawn(process.execPath, [DAEMON, ...words], { stdio: [...stdio], detached: true })
  const gone = new Promise<void>((resolve) => daemon.once('exit', () => resolve()))
  const options = 'fd=3,rootmode=100600,user_id=0,group_id=0'
  const mount = spawn('mount', ['-i', '-t', 'fuse', '-o', options, 'coffer-power', path], {
    stdio: [...stdio],
  })
  const mounted = new Promise<boolean>((resolve) => {
    mount.once('exit', (code) => resolve(code === 0))
  })
  const undo = undoLater(async () => {
    if (await mounted) await unmount(path)
    else daemon.kill()
    await gone
  })
  const isMounted = await mounted
  closeSync(connection)
  if (isMounted) return undo
  await undo()
  throw new Error('The recorded device could not be mounted on /dev/fuse')
}
