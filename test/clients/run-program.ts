/** Runs clients in an environment that holds only what a test gives. */
import { spawn } from 'node:child_process'

export type ProgramOptions = {
  /** PATH comes from here, HOME and TMPDIR are `folder`: the user's own settings are hidden. */
  readonly environment?: Readonly<Record<string, string>>
  readonly folder: string
  readonly timeoutMs?: number
}

export type ProgramEnd = {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const TIMEOUT_MS = 300_000

/** What the program printed. @throws with all that it said, when it failed. */
export async function runProgram(
  command: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  const { exitCode, stdout, stderr } = await endProgram(command, options)
  if (exitCode === 0) return stdout
  throw new Error(`${command.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`)
}

/** How the program ended. A program that takes too long is killed; its exit code is null then. */
export function endProgram(
  [program = '', ...given]: readonly string[],
  { environment, folder, timeoutMs = TIMEOUT_MS }: ProgramOptions,
): Promise<ProgramEnd> {
  const { PATH = '' } = process.env
  const child = spawn(program, given, {
    env: { PATH, HOME: folder, TMPDIR: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
}
