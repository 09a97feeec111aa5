// Copies of the store with one line taken out each, which the power cuts must catch: the test of
// the test.
import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkCuts, chooseCuts } from './cuts.ts'
import type { Cut, CutFinding } from './cuts.ts'
import { record } from './recording.ts'
import { makeWorkFolder } from './volume.ts'

export type BrokenBuild = {
  readonly name: string
  /** Below `src`. */
  readonly file: string
  /** Must be there exactly once, or the patch would test nothing. */
  readonly pattern: string
  readonly replacement: string
  /** The cuts in which the fault can show. */
  readonly shows: (cut: Cut) => boolean
}

export type BrokenResult = {
  readonly name: string
  readonly isCaught: boolean
  /** How many cuts it took, or how many did not see it. */
  readonly cuts: number
  readonly findings: readonly CutFinding[]
}

/** @see docs/durability.md */
export const BROKEN_BUILDS: readonly BrokenBuild[] = [
  {
    name: 'no sync of segments',
    file: 'storage/disk/bodies/segment-writer.ts',
    pattern: 'await options.disk.files.sync(fd)',
    replacement: '',
    shows: ({ afterAnswer }) => afterAnswer,
  },
  {
    name: 'no sync of folders',
    file: 'storage/disk/bodies/disk.ts',
    pattern: 'await call((done) => fs.fsync(fd, done))',
    replacement: '',
    shows: ({ afterAnswer }) => afterAnswer,
  },
  {
    name: 'no sync of the catalog',
    file: 'storage/disk/catalog/tables.ts',
    pattern: 'overlappingSync: false,',
    replacement: 'overlappingSync: false, noSync: true,',
    shows: ({ afterAnswer }) => afterAnswer,
  },
  {
    name: "lmdb's default mode",
    file: 'storage/disk/catalog/tables.ts',
    pattern: 'overlappingSync: false,',
    replacement: 'overlappingSync: true,',
    // After a reboot lmdb goes back to what it had flushed, and the committer waits for that flush.
    // While the boot id stays, it trusts pages that may never have reached the disk.
    shows: ({ afterAnswer, isReboot, remainder }) => {
      return !afterAnswer && !isReboot && remainder !== 'none'
    },
  },
]

const PROJECT = join(import.meta.dirname, '../..')
/** Few writers: with many, the flush that one leaves out is made by another. */
const PHASES = [8, 4, 1]
const STATES = 240
const MAX_RECORDINGS = 3
const CUTS_PER_RECORDING = 96

/** Breaks a copy of the store and cuts its power until something acknowledged is lost. */
export async function catchBroken(build: BrokenBuild, seed: number): Promise<BrokenResult> {
  const copy = await makeWorkFolder()
  let cuts = 0
  try {
    const main = await patchCopy(copy.path, build)
    for (let round = 0; round < MAX_RECORDINGS; round += 1) {
      for await (const findings of cutRecording({ main, seed: seed + round, shows: build.shows })) {
        cuts += 1
        if (findings.length > 0) return { name: build.name, isCaught: true, cuts, findings }
      }
    }
    return { name: build.name, isCaught: false, cuts, findings: [] }
  } finally {
    await copy.remove()
  }
}

type BrokenRecording = Pick<BrokenBuild, 'shows'> & { readonly main: string; readonly seed: number }

/** The losses of each cut; feed and lists do not count, a broken build must lose bytes. */
async function* cutRecording({
  main,
  seed,
  shows,
}: BrokenRecording): AsyncGenerator<readonly CutFinding[]> {
  const { path: folder, remove } = await makeWorkFolder()
  try {
    const recording = await record({ folder, main, seed, states: STATES, phases: PHASES })
    const cuts = chooseCuts(recording, { count: CUTS_PER_RECORDING, seed }).filter(shows)
    for await (const { findings } of checkCuts(recording, { cuts, folder, main })) {
      yield findings.filter(({ kind }) => ['lost', 'torn', 'unopened'].includes(kind))
    }
  } finally {
    await remove()
  }
}

async function patchCopy(folder: string, build: BrokenBuild): Promise<string> {
  await cp(join(PROJECT, 'src'), join(folder, 'src'), { recursive: true })
  await cp(join(PROJECT, 'package.json'), join(folder, 'package.json'))
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
  const path = join(folder, 'src', build.file)
  const text = await readFile(path, 'utf8')
  const found = text.split(build.pattern).length - 1
  if (found !== 1) {
    throw new Error(`"${build.pattern}" is ${found} times in ${build.file}; say what to break anew`)
  }
  await writeFile(
    path,
    text.replace(build.pattern, () => build.replacement),
  )
  return join(folder, 'src/cli/main.ts')
}
