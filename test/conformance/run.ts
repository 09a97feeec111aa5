/**
 * `npm run conformance -- <checkout>`: runs ceph/s3-tests against a fresh Coffer and writes
 * docs/conformance/s3-tests.md. With ENDPOINT set it runs against that server, and writes nothing.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT_KEYS, serveCoffer } from '../app/coffer-process.ts'
import { renderIdentities, renderSuiteConfiguration } from './accounts.ts'
import { CONFORMANCE_PAGE, renderPage } from './page.ts'
import { REASONS } from './reasons.ts'
import {
  compareResults,
  countPassed,
  readResults,
  RESULTS_FILE,
  type Outcome,
  type Results,
} from './results.ts'
import { assertCheckout, runSuite, SUITE, type SuiteRun } from './suite.ts'

const USAGE = 'Say where ceph/s3-tests is checked out: npm run conformance -- <checkout>'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Counts the suite's other tests, too. */
    all: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    /** Some tests only, as pytest's -k; nothing is written then. */
    only: { type: 'string', short: 'k' },
  },
})

const workers = Number(values.jobs)
const [checkout] = positionals
if (checkout === undefined) throw new Error(USAGE)
await assertCheckout(resolve(checkout))
const folder = await mkdtemp(join(tmpdir(), 'coffer-conformance-'))
try {
  const server = await openServer()
  try {
    await run(resolve(checkout), server)
  } finally {
    await server.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

type Server = { readonly url: string; stop(): Promise<unknown> }

async function openServer(): Promise<Server> {
  const url = process.env['ENDPOINT']
  if (url !== undefined) return { url, stop: () => Promise.resolve() }
  const identities = join(folder, 'identities.json')
  await writeFile(identities, renderIdentities({ workers }))
  const quiet = ['--listen', '127.0.0.1:0', '--log-level', 'error']
  const environment = {
    ...ROOT_KEYS,
    COFFER_IDENTITIES: identities,
    COFFER_NEW_BUCKETS: 'acl',
    COFFER_SIGNATURE_V2: 'presigned',
  }
  const coffer = await serveCoffer([join(folder, 'data'), ...quiet], { environment })
  const stop = async (): Promise<void> => {
    const { stderr } = await coffer.stop()
    // A request that failed through our fault is in the log, and must not go unseen.
    process.stderr.write(stderr)
  }
  return { url: coffer.url, stop }
}

async function run(suite: string, server: Server): Promise<void> {
  for (let worker = 0; worker < workers; worker += 1) {
    const configuration = join(folder, `s3tests.gw${worker}.conf`)
    await writeFile(configuration, renderSuiteConfiguration(worker, server.url))
  }
  const { only } = values
  const suiteRun: SuiteRun = { checkout: suite, folder, workers, only }
  const selection = await runSuite('selection', suiteRun)
  const rest = values.all ? await runSuite('rest', suiteRun) : undefined
  report(selection)
  if (rest) say(`Of the ${rest.size} other tests ${countPassed(rest.values())} passed.`)
  const isWhole = only === undefined && process.env['ENDPOINT'] === undefined
  if (isWhole) await write(makeResults(selection, rest))
}

function report(outcomes: ReadonlyMap<string, Outcome>): void {
  for (const [name, outcome] of outcomes) if (outcome !== 'passed') say(`${name} ${outcome}`)
  say(`${countPassed(outcomes.values())} of ${outcomes.size} passed.`)
  for (const name of Object.keys(REASONS)) {
    const ran = [...outcomes].find(([full]) => full.endsWith(`.${name}`))
    if (ran?.[1] === 'passed') say(`test/conformance/reasons.ts: ${name} passes by now.`)
  }
}

function makeResults(
  selection: ReadonlyMap<string, Outcome>,
  others: ReadonlyMap<string, Outcome> | undefined,
): Results {
  if (selection.size !== SUITE.selected) {
    throw new Error(`The selection has ${selection.size} tests instead of ${SUITE.selected}.`)
  }
  if (others && selection.size + others.size !== SUITE.all) {
    throw new Error(`${selection.size + others.size} tests ran instead of ${SUITE.all}.`)
  }
  const date = new Date().toISOString().slice(0, 10)
  const rest = others ? { date, passed: countPassed(others.values()) } : readResults()?.rest
  const sorted = [...selection].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const { commit } = SUITE
  return { commit, date, selection: Object.fromEntries(sorted), ...(rest && { rest }) }
}

async function write(results: Results): Promise<void> {
  const before = readResults()
  if (before) for (const difference of compareResults(before, results)) say(difference)
  await mkdir(dirname(RESULTS_FILE), { recursive: true })
  await writeFile(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`)
  await writeFile(join(import.meta.dirname, '../..', CONFORMANCE_PAGE), renderPage(results))
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
