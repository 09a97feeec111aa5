/** docs/conformance/s3-tests.md: every test of the selection, and why those fail that fail. */
import { REASONS } from './reasons.ts'
import { countPassed, readResults, type Outcome, type Results } from './results.ts'
import { SUITE } from './suite.ts'

export const CONFORMANCE_PAGE = 'docs/conformance/s3-tests.md'

/** Counted earlier at the same commit, of the same tests. */
const PEERS = { selection: { minio: 312, versitygw: 286 }, all: { minio: 433 } } as const

const COLUMNS = 120

const ALL = SUITE.all.toLocaleString('en')

/** The page of the last run. */
export function renderLastRun(): string {
  const results = readResults()
  return results === undefined ? '' : renderPage(results)
}

export function renderPage(results: Results): string {
  const outcomes = Object.entries(results.selection)
  const those = (wanted: string): readonly (readonly [string, Outcome])[] =>
    outcomes.filter(([, outcome]) => outcome.startsWith(wanted))
  return [
    renderHead(results),
    renderByReason('Failed', those('failed')),
    renderByReason('Skipped by the suite itself', those('skipped')),
    renderPassed(those('passed').map(([name]) => name)),
  ].join('\n')
}

function renderHead({ commit, date, selection, rest }: Results): string {
  const passed = countPassed(Object.values(selection))
  const total = Object.keys(selection).length
  const all = rest && passed + rest.passed
  const when = rest?.date === date ? '' : `, the others on ${rest?.date}`
  const lines = [
    '# ceph/s3-tests',
    '',
    'Written by `npm run conformance` and `npm run docs`; do not edit.',
    '',
    `[ceph/s3-tests](https://github.com/${SUITE.repository}) at \`${commit.slice(0, 7)}\`, run on ${date}: how many`,
    "tests pass. The other servers' counts are from an earlier run.",
    '',
    '| tests | Coffer | MinIO | versitygw |',
    '| --- | --: | --: | --: |',
    `| the selection, ${total} | **${passed}** | ${PEERS.selection.minio} | ${PEERS.selection.versitygw} |`,
    ...(all === undefined ? [] : [`| all ${ALL}${when} | ${all} | ${PEERS.all.minio} | |`]),
    '',
    'Left out of the selection is what is about Ceph alone, and what is not built yet and says so: bucket',
    'logging, cloud tiers, the IAM, STS and SNS services, S3 Select, Signature Version 2, encryption, lifecycle.',
    '`test/conformance/suite.ts` has the marks.',
    '',
    'Setting: `coffer serve` with the disk store, `COFFER_NEW_BUCKETS=acl`, since the suite expects buckets as they',
    'were before 2023, with ACLs, and `COFFER_SIGNATURE_V2=presigned`, since it signs its forms so; everything else is',
    'the default. Each account of the suite is an account of Coffer.',
    'Every test of the selection is below. Nothing is retried, and a test that fails only in its clean-up has failed.',
    '',
  ]
  return lines.join('\n')
}

/** Where no reason is written down, what the test said. */
function reasonOf([name, outcome]: readonly [string, Outcome]): string {
  const message = outcome.slice(outcome.indexOf(': ') + 2)
  return REASONS[name.slice(name.indexOf('.') + 1)] ?? `\`${message.replaceAll('`', "'")}\``
}

function renderByReason(title: string, tests: readonly (readonly [string, Outcome])[]): string {
  if (tests.length === 0) return ''
  const groups = [...Map.groupBy(tests, reasonOf)].toSorted(
    ([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1),
  )
  const lines = groups.flatMap(([reason, members]) => {
    const names = renderNames(members.map(([name]) => name))
    return [`**${members.length}**: ${reason}`, '', names, '']
  })
  return [`## ${title}: ${tests.length}`, '', ...lines].join('\n')
}

function renderPassed(names: readonly string[]): string {
  return [`## Passed: ${names.length}`, '', renderNames(names), ''].join('\n')
}

/** Names in lines of a readable width, with `test_` left out. */
function renderNames(names: readonly string[]): string {
  const words = names.map((name) => name.replace(/^test_(\w+)\.test_/, '$1.')).toSorted()
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    const longer = `${last}, \`${word}\``
    if (last === undefined || longer.length >= COLUMNS) lines.push(`\`${word}\``)
    else lines[lines.length - 1] = longer
  }
  return lines.join(',\n')
}
