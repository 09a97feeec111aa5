/** `coffer <command>` against a server that is named as for AWS's tools. */
import { spawn } from 'node:child_process'
import { bareEnvironment, COFFER_MAIN, ROOT_KEYS } from '../app/coffer-process.ts'

export type CommandEnd = {
  readonly exitCode: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export type RunningCommand = {
  readonly ended: Promise<CommandEnd>
  kill(signal: NodeJS.Signals): void
}

export type CommandOptions = {
  readonly endpoint?: string
  readonly stdin?: Uint8Array
  /** A descriptor to take the place of the pipe that is read. */
  readonly output?: number
}

const TIMEOUT_MS = 60_000

export function startCommand(
  given: readonly string[],
  { endpoint, stdin, output }: CommandOptions = {},
): RunningCommand {
  const keys = {
    AWS_ACCESS_KEY_ID: ROOT_KEYS.COFFER_ROOT_USER,
    AWS_SECRET_ACCESS_KEY: ROOT_KEYS.COFFER_ROOT_PASSWORD,
  }
  const child = spawn(process.execPath, [COFFER_MAIN, ...given], {
    env: {
      ...bareEnvironment(),
      ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint, ...keys }),
    },
    timeout: TIMEOUT_MS,
    stdio: ['pipe', output ?? 'pipe', 'pipe'],
  })
  const pieces: Buffer[] = []
  let stderr = ''
  child.stdout?.on('data', (piece: Buffer) => pieces.push(piece))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A command that does not read its input, or is killed, closes it.
  child.stdin?.on('error', () => {}).end(stdin)
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout: Buffer.concat(pieces), stderr })
    })
  })
  return { ended, kill: (signal) => void child.kill(signal) }
}

export function runCommand(
  given: readonly string[],
  options: CommandOptions = {},
): Promise<CommandEnd> {
  return startCommand(given, options).ended
}
