/**
 * The main job with stock clients: `npm run test:clients`. With ENDPOINT, AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY set, the same tests run against any other S3 server.
 */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { ROOT_KEYS, serveCoffer } from '../app/coffer-process.ts'
import { hasTerminal, serveOnTerminal } from '../app/terminal.ts'
import { openPythonEnvironment } from './python-environment.ts'

const CLIENTS = [
  { client: 'boto3', script: 'test_boto3.py', title: 'the main job with current boto3' },
  { client: 'boto3-1.26', script: 'test_boto3.py', title: 'the main job with boto3 1.26' },
  { client: 'awscli', script: 'test_awscli.py', title: 'the main job with awscli' },
] as const

type Server = { readonly environment: Readonly<Record<string, string>>; stop(): Promise<void> }

const SCRIPT_TIMEOUT_MS = 60_000
const SCRIPTS = join(import.meta.dirname, 'python')
let folder: string
let server: Server | undefined

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-clients-'))
  server = await openServer(process.env)
})

after(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

let inputs: Promise<string> | undefined

for (const { client, script, title } of CLIENTS) {
  test(title, async (context) => {
    const python = await findClient(client)
    if (python === undefined) {
      context.skip(`${client} could not be installed here; CI installs it.`)
      return
    }
    inputs ??= makeInputs()
    const environment = { ...server?.environment, INPUTS: await inputs }
    const exitCode = await runPython(python, [join(SCRIPTS, script)], environment)
    assert.equal(exitCode, 0)
  })
}

test('the lines that a first start shows work as they are pasted', async (context) => {
  const [aws, boto3] = [await findClient('awscli'), await findClient('boto3')]
  if (aws === undefined || boto3 === undefined || !hasTerminal()) {
    context.skip('It needs awscli, boto3 and the command `script`; CI has them.')
    return
  }
  const coffer = await serveOnTerminal(join(folder, 'first-start'))
  const [shell, snippet] = pasteLines(coffer.welcome)
  const path = `${dirname(aws)}:${process.env['PATH']}`
  assert.match(await runScript(['bash', '-ec', shell], path), /make_bucket: models/)
  const list = `${snippet}\nprint([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])`
  assert.equal(await runScript([boto3, '-c', list], path), "['models']\n")
  await coffer.interrupt()
})

/** The Python that has the client. In CI a missing client is an error, elsewhere a skip. */
async function findClient(client: string): Promise<string | undefined> {
  try {
    return await openPythonEnvironment(client)
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    process.stderr.write(`${String(error)}\n`)
    return undefined
  }
}

/** Trained models need scikit-learn, which comes with boto3's environment. */
async function makeInputs(): Promise<string> {
  const path = join(folder, 'inputs')
  const python = await openPythonEnvironment('boto3')
  assert.equal(await runPython(python, [join(SCRIPTS, 'make_inputs.py'), path], {}), 0)
  return path
}

async function openServer(given: NodeJS.ProcessEnv): Promise<Server> {
  const { ENDPOINT, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = given
  if (ENDPOINT !== undefined) {
    const environment = { ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }
    return { environment, stop: () => Promise.resolve() }
  }
  const coffer = await serveCoffer([join(folder, 'data'), '--listen', '127.0.0.1:0'])
  const environment = {
    ENDPOINT: coffer.url,
    AWS_ACCESS_KEY_ID: ROOT_KEYS.COFFER_ROOT_USER,
    AWS_SECRET_ACCESS_KEY: ROOT_KEYS.COFFER_ROOT_PASSWORD,
  }
  const stop = async (): Promise<void> => {
    const { exitCode, stderr } = await coffer.stop()
    assert.equal(exitCode, 0, stderr)
  }
  return { environment, stop }
}

/** The exit code of a script, which prints as it goes. The user's own configuration is hidden. */
function runPython(
  python: string,
  given: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number | null> {
  const { PATH = '' } = process.env
  const env = { PATH, HOME: folder, TMPDIR: folder, PYTHONDONTWRITEBYTECODE: '1', ...environment }
  const child = spawn(python, given, { env, stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
}

/** The indented lines of the welcome: first those for a shell, then those for Python. */
function pasteLines(welcome: string): readonly [shell: string, python: string] {
  const lines = welcome.split('\r\n').filter((line) => line.startsWith('  '))
  const pasted = lines.map((line) => line.slice(2))
  const at = pasted.indexOf('import boto3')
  return [pasted.slice(0, at).join('\n'), pasted.slice(at).join('\n')]
}

/** What a program prints in an environment that knows no keys. */
async function runScript([program, ...given]: readonly string[], path: string): Promise<string> {
  assert.ok(program !== undefined)
  const { stdout } = await promisify(execFile)(program, given, {
    env: { PATH: path, HOME: folder },
    timeout: SCRIPT_TIMEOUT_MS,
  })
  return stdout
}
