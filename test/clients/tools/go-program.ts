/** Programs that `go install` builds, kept between runs outside the repository. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../cache-folder.ts'

const run = promisify(execFile)

export type GoProgram = {
  readonly name: string
  readonly module: string
  readonly version: string
}

/** The newest that the Go module proxy has. */
export const MC: GoProgram = {
  name: 'mc',
  module: 'github.com/minio/mc',
  version: 'v0.0.0-20250313080218-cf909e1063a9',
}

const BUILD_TIMEOUT_MS = 900_000
/** What mc's go.mod asks for. */
const GO_NEEDED = [1, 23] as const
const TOOLCHAIN = 'v0.0.1-go1.24.8'
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' }

/** Where the program lies when it has been built. */
export function goProgramPath({ name, version }: GoProgram): string {
  return join(cacheFolder(), `${name}-${version}`, name)
}

/** Where the program lies, built from exactly this version. */
export async function openGoProgram(wanted: GoProgram): Promise<string> {
  const program = goProgramPath(wanted)
  if (existsSync(program)) return program
  const { module, version } = wanted
  const folder = dirname(program)
  await mkdir(cacheFolder(), { recursive: true })
  const building = await mkdtemp(`${folder}.`)
  try {
    await run(await openGo(), ['install', '-trimpath', '-ldflags=-s -w', `${module}@${version}`], {
      env: { ...process.env, GOBIN: building, CGO_ENABLED: '0' },
      timeout: BUILD_TIMEOUT_MS,
    })
    // Nobody sees half a program. Whoever built the same at the same time came first.
    await rename(building, folder).catch((error: unknown) => {
      if (!existsSync(program)) throw error
    })
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return program
}

/**
 * A Go that is new enough. Debian 12's is not, but it can fetch one: Go's toolchains are modules
 * too, checked against the same public list of digests.
 * @see https://go.dev/ref/mod#private-module-proxy-serving, section "toolchain"
 */
async function openGo(): Promise<string> {
  const { stdout: installed } = await run('go', ['env', 'GOVERSION'])
  if (isNewEnough(installed)) return 'go'
  const system = `${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`
  const toolchain = `golang.org/toolchain@${TOOLCHAIN}.${system}`
  const { stdout } = await run('go', ['mod', 'download', '-json', toolchain])
  const { Dir: folder }: { readonly Dir: string } = JSON.parse(stdout)
  await makeExecutable(join(folder, 'bin'))
  await makeExecutable(join(folder, 'pkg/tool'))
  return join(folder, 'bin/go')
}

function isNewEnough(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? []
  const [wantedMajor, wantedMinor] = GO_NEEDED
  return (
    Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor)
  )
}

/** Modules hold no modes. */
async function makeExecutable(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
}
