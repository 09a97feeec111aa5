/** Dashboard, alerts and docs/monitoring.md name what a running server emits, and nothing else. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test, type TestContext } from 'node:test'
import { renderAccessLine } from '../../src/app/access-log/access-line.ts'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import { type Family, serveMeasured } from './scraped.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = read('docs/monitoring.md')
const RULES = read('deploy/prometheus/coffer.rules.yaml')
const DASHBOARD = read('deploy/grafana/coffer.json')
/** Nothing reads the feed yet; and Prometheus makes `up` and the last two labels itself. */
const WITHOUT_SAMPLES = ['coffer_feed_reader_lag_seconds']
const OF_PROMETHEUS = ['instance', 'job']

let families: readonly Family[] = []

before(async (context) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- hooks have `after` too
  const { client, scrape } = await serveMeasured(context as TestContext, ['--access-log', 'stdout'])
  await createBucket(client, 'bucket')
  const object = { bucket: 'bucket', key: 'key' }
  await putObject(client, { ...object, body: Buffer.alloc(10_000) })
  await getObject(client, object)
  families = await scrape()
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function labelsOf({ samples }: Family): readonly string[] {
  const names = samples.flatMap(({ labels }) => Object.keys(labels))
  return [...new Set(names)].filter((name) => name !== 'le')
}

test('every metric has figures after a few requests', () => {
  const empty = families.filter(({ samples }) => samples.length === 0).map(({ name }) => name)
  assert.deepEqual(empty, WITHOUT_SAMPLES)
})

test('the page has every metric with its kind, labels and meaning', () => {
  const rows = families.map((family) => {
    const labels = WITHOUT_SAMPLES.includes(family.name) ? ['reader'] : labelsOf(family)
    const shown = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${family.name}\` | ${family.kind} | ${shown} | ${family.help.replace(/\.$/, '')} |`
  })
  // Which come first depends on how many threads there are.
  const onPage = PAGE.split('\n').filter((line) => line.startsWith('| `coffer_'))
  assert.deepEqual(onPage.toSorted(), rows.toSorted())
})

const QUERIES: readonly (readonly [source: string, queries: readonly string[]])[] = [
  ['dashboard', Array.from(DASHBOARD.matchAll(/"(?:expr|query)": "(.*)"/g), ([, text]) => text!)],
  [
    'alerts',
    RULES.split(/- alert: /)
      .slice(1)
      .map((rule) => rule.split(/\n {8}(?:for|labels):/)[0]!),
  ],
]

for (const [source, queries] of QUERIES) {
  test(`every query of the ${source} names metrics and labels that are emitted`, () => {
    assert.ok(queries.length > 10)
    for (const query of queries) {
      const names = Array.from(query.matchAll(/\b(coffer_\w+)(?:\{([^}]*)\})?/g))
      assert.ok(names.length > 0 || /\bup\b/.test(query) || query === 'prometheus', query)
      for (const [, name, matchers = ''] of names) {
        const family = families.find((each) => seriesOf(each).includes(name!))
        assert.ok(family, `${name} of ${query} is not emitted`)
        const known = [...labelsOf(family), ...OF_PROMETHEUS]
        for (const [, label] of matchers.matchAll(/(\w+)\s*(?:=|!)/g)) {
          assert.ok(known.includes(label!), `${name} has no label ${label}`)
        }
      }
    }
  })
}

/** The names that queries know a family by. */
function seriesOf({ name, kind }: Family): readonly string[] {
  return kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name]
}

test('the page has every alert, and each alert is tested and says what to do', () => {
  const alerts = Array.from(RULES.matchAll(/- alert: (\w+)\n([^]*?)(?=\n\n|$)/g))
  const rows = Array.from(PAGE.matchAll(/^\| (Coffer\w+) \| (\w+) \|/gm), ([, name, severity]) => [
    name,
    severity,
  ])
  assert.deepEqual(
    rows,
    alerts.map(([, name, text]) => [name, /severity: (\w+)/.exec(text!)?.[1]]),
  )
  const tests = read('deploy/prometheus/coffer.rules.test.yaml')
  for (const [, name, text] of alerts) {
    assert.ok(tests.includes(`alertname="${name}"`), `${name} is not tested`)
    assert.match(text!, /summary: '.{20,}'\n\s+action: '.{20,}'/, name)
  }
})

test('the page has every field of the access log', () => {
  const facts = ['operation', 'bucket', 'key', 'account', 'identity', 'errorCode', 'reason']
  const line = renderAccessLine(
    {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what lines are made of
      request: {
        id: 'id',
        method: 'GET',
        remoteAddress: '::1',
        headers: { 'user-agent': ['u'] },
      } as unknown as Parameters<typeof renderAccessLine>[0]['request'],
      response: {
        status: 200,
        headers: {},
        logFields: Object.fromEntries(facts.map((fact) => [fact, fact])),
      },
      receivedBytes: 0,
      sentBytes: 0,
      complete: false,
      durationMs: 0,
    },
    0,
  )
  const [, section = ''] = PAGE.split('## Access log')
  const rows = Array.from(section.matchAll(/^\| `(\w+)` \|/gm), ([, name]) => name)
  assert.deepEqual(rows, Object.keys(JSON.parse(line)))
})
