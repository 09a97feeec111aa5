// A control group that holds one process to so much memory, page cache included. Needs root.
// @see Linux, Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst
import { existsSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type MemoryLimit = {
  readonly bytes: number
  /** Before a command: it then runs in the group from its first page on. */
  readonly prefix: readonly string[]
  /** How many processes of the group were ended for want of memory. */
  countKilled(): Promise<number>
  /** Once its processes have ended. */
  remove(): Promise<void>
}

const ROOT = '/sys/fs/cgroup'

/** @throws Error that says why no group can be made: no root, no controller, no cgroups at all */
export async function limitMemory(bytes: number): Promise<MemoryLimit> {
  const version = existsSync(join(ROOT, 'memory')) ? 1 : 2
  const folder = join(await parentOf(version), `coffer-bench-${process.pid}`)
  await mkdir(folder)
  try {
    const setting = version === 1 ? 'memory.limit_in_bytes' : 'memory.max'
    await writeFile(join(folder, setting), String(bytes))
  } catch (cause) {
    await rmdir(folder)
    throw new Error('The memory controller is not given to new groups here.', { cause })
  }
  const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
  return {
    bytes,
    prefix: ['/bin/sh', '-c', enter, folder],
    async countKilled() {
      const place = version === 1 ? 'memory.oom_control' : 'memory.events'
      const text = await readFile(join(folder, place), 'utf8')
      return Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0)
    },
    remove: () => removeGroup(folder),
  }
}

/**
 * With version 1 a group within our own, so that it stays within our limits. Version 2 allows no
 * groups with limits beside processes: there it is one of the first.
 */
async function parentOf(version: 1 | 2): Promise<string> {
  if (version === 2) return ROOT
  const groups = await readFile('/proc/self/cgroup', 'utf8')
  const [, own = '/'] = /^\d+:(?:\w+,)*memory(?:,\w+)*:(.*)$/m.exec(groups) ?? []
  return join(ROOT, 'memory', own)
}

const REMOVAL_TRIES = 20
const TRY_AGAIN_MS = 50

/** The kernel needs a moment after the last process has ended. */
async function removeGroup(folder: string): Promise<void> {
  for (let left = REMOVAL_TRIES; ; left -= 1) {
    try {
      return await rmdir(folder)
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
}
