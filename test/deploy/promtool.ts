/**
 * Alert rules, scrape configuration, dashboard and metrics as Prometheus's own tool judges them;
 * started by `npm run test:deploy`. Without promtool it is skipped, but not where everything is to
 * be tested.
 */
import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serveMeasured } from '../app/scraped.ts'

const FOLDER = join(import.meta.dirname, '../../deploy/prometheus')
const DASHBOARD = join(import.meta.dirname, '../../deploy/grafana/coffer.json')

function promtool(given: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync('promtool', given, { cwd: FOLDER, input, encoding: 'utf8', timeout: 60_000 })
}

const isMissing = promtool(['--version']).error !== undefined
const skip =
  isMissing && process.env['CI'] !== 'true'
    ? 'there is no promtool; Debian has it in the package prometheus'
    : false

const CHECKS = {
  'every rule can be read': ['check', 'rules', 'coffer.rules.yaml'],
  'the scrape configuration can be read': ['check', 'config', 'prometheus.yaml'],
  'every alert fires when it must, and none when all is well': [
    'test',
    'rules',
    'coffer.rules.test.yaml',
  ],
}

for (const [states, given] of Object.entries(CHECKS)) {
  test(states, { skip }, () => {
    const { status, stdout, stderr, error } = promtool(given)
    assert.equal(status, 0, `${stdout}${stderr}${String(error ?? '')}`)
  })
}

test('every query of the dashboard can be read', { skip }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-dashboard-'))
  context.after(() => rm(folder, { recursive: true }))
  const rules = await listQueries()
  assert.ok(rules.length > 30)
  const path = join(folder, 'queries.json')
  // JSON is YAML too.
  await writeFile(path, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  const { status, stdout, stderr, error } = promtool(['check', 'rules', path])
  assert.equal(status, 0, `${stdout}${stderr}${String(error ?? '')}`)
})

type RecordingRule = { readonly record: string; readonly expr: string }

/** The queries as rules, with values in place of Grafana's variables. */
async function listQueries(): Promise<readonly RecordingRule[]> {
  const rules: RecordingRule[] = []
  JSON.parse(await readFile(DASHBOARD, 'utf8'), (name, value: unknown) => {
    if (name !== 'expr') return value
    const expr = String(value).replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*')
    rules.push({ record: `query_${rules.length}`, expr })
    return value
  })
  return rules
}

test('what a server emits follows the conventions of Prometheus', { skip }, async (context) => {
  const { scrapeText } = await serveMeasured(context)
  const { status, stdout, stderr, error } = promtool(['check', 'metrics'], await scrapeText())
  assert.equal(status, 0, `${stdout}${stderr}${String(error ?? '')}`)
  assert.equal(stdout + stderr, '')
})
