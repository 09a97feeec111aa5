/** ceph/s3-tests: which commit, which of its tests, and how they are run. */
import { execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPythonEnvironment } from '../clients/python-environment.ts'
import type { Outcome } from './results.ts'

export const SUITE = {
  repository: 'ceph/s3-tests',
  commit: '8f0ae7b404a3a2fcf7038bf1e6bf29544fe9b6a3',
  /** All tests, and those of the selection. */
  all: 1049,
  selected: 527,
} as const

/** Marks of tests that are about Ceph alone, or about what an S3 server need not have. */
const LEFT_OUT = [
  'bucket_logging',
  'bucket_logging_cleanup',
  'cloud_transition',
  'cloud_restore',
  'iam_account',
  'iam_tenant',
  'iam_role',
  'iam_cross_account',
  'iam_user',
  'webidentity_test',
  's3select',
  'sns',
  'test_of_sts',
  'auth_aws2',
  'fails_on_rgw',
  'group',
  'group_policy',
  'session_policy',
  'abac_test',
  'role_policy',
  'user_policy',
  'token_claims_trust_policy_test',
  'encryption',
  'sse_s3',
  'bucket_encryption',
  'lifecycle',
  'lifecycle_expiration',
  'lifecycle_transition',
]

const SELECTION = LEFT_OUT.map((mark) => `not ${mark}`).join(' and ')

/** The tests of the selection, or all others. */
export type Part = 'selection' | 'rest'

const MARKS: Readonly<Record<Part, string>> = { selection: SELECTION, rest: `not (${SELECTION})` }

const TEST_TIMEOUT_SECONDS = 60
const RUN_TIMEOUT_MS = 60 * 60_000

export type SuiteRun = {
  readonly checkout: string
  /** Ours: the configuration of each worker, what the suite writes, its home. */
  readonly folder: string
  readonly workers: number
  /** As pytest's `-k`. */
  readonly only: string | undefined
}

/** @throws Error when the checkout is of another commit, or was changed */
export async function assertCheckout(checkout: string): Promise<void> {
  const git = async (...given: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', ['-C', checkout, ...given])
    return stdout.trim()
  }
  const commit = await git('rev-parse', 'HEAD')
  if (commit !== SUITE.commit) {
    throw new Error(`${checkout} is at ${commit}; check out ${SUITE.commit} there.`)
  }
  const changed = await git('status', '--porcelain', '--untracked-files=no')
  if (changed !== '') throw new Error(`Files of ${checkout} were changed:\n${changed}`)
}

/** What became of every test of a part, by name: `test_s3.test_bucket_list_empty`. */
export async function runSuite(part: Part, run: SuiteRun): Promise<Map<string, Outcome>> {
  const python = await openPythonEnvironment('s3-tests')
  const outcomes = join(run.folder, `${part}.json`)
  const only = run.only === undefined ? [] : ['-k', run.only]
  const pytest = ['-m', 'pytest', '-p', 'pytest_outcomes', '-p', 'no:cacheprovider', '-q']
  const bounds = ['-n', String(run.workers), `--timeout=${TEST_TIMEOUT_SECONDS}`, '--tb=no']
  const tests = ['-m', MARKS[part], ...only, 's3tests/functional']
  const child = spawn(python, [...pytest, ...bounds, ...tests], {
    cwd: run.checkout,
    env: {
      PATH: process.env['PATH'],
      HOME: run.folder,
      TMPDIR: run.folder,
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
      S3TEST_FOLDER: run.folder,
      OUTCOMES: outcomes,
      // A refusal is an answer: repeating the request only takes time.
      AWS_MAX_ATTEMPTS: '1',
      AWS_RETRY_MODE: 'standard',
    },
    stdio: ['ignore', 2, 2],
    timeout: RUN_TIMEOUT_MS,
  })
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  const found: Readonly<Record<string, Outcome>> = JSON.parse(await readFile(outcomes, 'utf8'))
  return new Map(Object.entries(found))
}
