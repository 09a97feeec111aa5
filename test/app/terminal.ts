/** `coffer serve` as a person at a terminal sees it; the command `script` makes the terminal. */
import { execFileSync, spawn } from 'node:child_process'
import { bareEnvironment, COFFER_MAIN } from './coffer-process.ts'

export type OnTerminal = {
  /** What has been shown until the server answers. */
  readonly welcome: string
  /** Ctrl-C, and everything that was shown. */
  interrupt(): Promise<string>
}

const TIMEOUT_MS = 60_000

export function hasTerminal(): boolean {
  try {
    execFileSync('script', ['--version'])
    return true
  } catch {
    return false
  }
}

/** The server answers. */
export async function serveOnTerminal(folder: string): Promise<OnTerminal> {
  const serve = [process.execPath, COFFER_MAIN, 'serve', folder, '--listen', '127.0.0.1:0']
  // Without exec, a shell between would take Ctrl-C for its own.
  const child = spawn('script', ['-qec', `exec ${serve.join(' ')}`, '/dev/null'], {
    env: bareEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  })
  let seen = ''
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => {
      if (exitCode === 0) resolve(seen)
      else reject(new Error(`It ended with ${exitCode}: ${seen}`))
    })
  })
  const started = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text
      // The log says so after the welcome.
      if (seen.includes(' started url=') && seen.includes('answers on')) resolve()
    })
  })
  await Promise.race([started, ended])
  return {
    welcome: seen,
    interrupt() {
      child.stdin.write('\x03')
      return ended
    },
  }
}
