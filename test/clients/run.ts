/**
 * The main job with stock clients: `npm run test:clients`. With ENDPOINT, AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY set, the same tests run against any other S3 server.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ROOT_KEYS, serveCoffer } from '../app/coffer-process.ts'
import { openPythonEnvironment } from './python-environment.ts'

const CLIENTS = [
  { client: 'boto3', script: 'test_boto3.py', title: 'the main job with current boto3' },
  { client: 'boto3-1.26', script: 'test_boto3.py', title: 'the main job with boto3 1.26' },
  { client: 'awscli', script: 'test_awscli.py', title: 'the main job with awscli' },
] as const

type Server = { readonly environment: Readonly<Record<string, string>>; stop(): Promise<void> }

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
