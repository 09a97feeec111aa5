// MinIO's own load generator beside ours: whether the two agree. @see https://github.com/minio/warp
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RunningContestant } from './contestants.ts'
import { failureOf } from './figures.ts'
import type { WarpFigures } from './results.ts'
import { type Running, settleDisk } from './rounds.ts'
import { versionOfProgram } from './versions.ts'

type WarpRun = {
  readonly name: string
  readonly given: readonly string[]
}

const RUNS: readonly WarpRun[] = [
  { name: 'PUT 4 KiB, 64 connections', given: ['put', ...of('4KiB', 64)] },
  { name: 'GET 4 KiB, 64 connections', given: ['get', '--objects=1000', ...of('4KiB', 64)] },
  { name: 'STAT 4 KiB, 16 connections', given: ['stat', '--objects=1000', ...of('4KiB', 16)] },
  { name: 'PUT 1 MiB, 16 connections', given: ['put', ...of('1MiB', 16)] },
  { name: 'GET 1 MiB, 16 connections', given: ['get', '--objects=200', ...of('1MiB', 16)] },
  { name: 'LIST, 16 connections', given: ['list', '--objects=4000', ...of('1KiB', 16)] },
]

function of(size: string, connections: number): readonly string[] {
  return [`--obj.size=${size}`, `--concurrent=${connections}`]
}

/** Shorter runs it calls too short to report. */
const SECONDS = 5

export async function runWarp(
  program: string,
  { running, folder }: { readonly running: readonly Running[]; readonly folder: string },
): Promise<WarpFigures> {
  const runs: WarpFigures['runs'][number][] = []
  for (const { name: run, given } of RUNS) {
    for (const { name: contestant, server } of running) {
      await settleDisk(folder)
      const figure = await measure({ program, given, folder, server }).catch(failureOf)
      const isKnown = typeof figure === 'number'
      runs.push({ run, contestant, ...(isKnown && { figure }) })
      const told = isKnown ? `${figure.toFixed(0)} objects/s` : `FAILED: ${figure.failure}`
      process.stdout.write(`warp ${run} · ${contestant} · ${told}\n`)
    }
  }
  return { version: versionOfProgram(program), secondsEach: SECONDS, runs }
}

type OneRun = {
  readonly program: string
  readonly given: readonly string[]
  readonly folder: string
  readonly server: RunningContestant
}

const TIMEOUT_MS = 120_000

async function measure({ program, given, folder, server }: OneRun): Promise<number> {
  const { url, accessKey, secretKey, region } = server.keys
  const { host, protocol } = new URL(url)
  const fixed = [
    `--host=${host}`,
    `--region=${region}`,
    `--duration=${SECONDS}s`,
    `--benchdata=${join(folder, 'warp')}`,
    '--quiet',
    '--no-color',
    ...(protocol === 'https:' ? ['--tls'] : []),
  ]
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, WARP_ACCESS_KEY: accessKey, WARP_SECRET_KEY: secretKey }
  const { stdout, stderr } = await promisify(execFile)(program, [...given, ...fixed], {
    env,
    cwd: folder,
    timeout: TIMEOUT_MS,
  })
  return parseReport(`${stdout}\n${stderr}`)
}

/** ` * Average: 2.24 MiB/s, 574.23 obj/s` of the report; the first where there are several. */
export function parseReport(text: string): number {
  const [, figure] = /\* Average: (?:[\d.]+ \w+\/s, )?([\d.]+) obj\/s/.exec(text) ?? []
  if (figure === undefined) throw new Error(`warp reported no average:\n${text}`)
  return Number(figure)
}
