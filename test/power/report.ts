// What a run found, as numbers for people and for docs/durability.md.
import { FEATURES, countAcknowledged } from '../load/ledger.ts'
import type { Feature } from '../load/ledger.ts'
import type { BrokenResult } from './broken-builds.ts'
import type { CutFinding, CutResult } from './cuts.ts'
import type { FaultResult } from './faults.ts'
import type { Recording } from './recording.ts'

/** What a run must hold for its zeros to mean something. */
export const MIN_STATES = 5000
const MIN_SHARE = 0.1
const SHARED_FEATURES: readonly Feature[] = [
  'small',
  'segment',
  'file',
  'multipart',
  'overwrite',
  'delete',
]

export type CutsReport = {
  readonly cuts: number
  readonly cutsAfterAnswer: number
  /** Those in which the whole machine went off, and not its disk alone. */
  readonly cutsWithReboot: number
  readonly recordings: number
  /** Different acknowledged requests in all recordings. */
  readonly acknowledged: number
  /** Of these, by what they exercise. */
  readonly shares: Readonly<Record<string, number>>
  /** Acknowledged requests that were insisted on, summed over the cuts. */
  readonly verified: number
  readonly versionsRead: number
  readonly bytesRead: number
  /** By kind; empty when nothing was found. */
  readonly findings: Readonly<Record<CutFinding['kind'], number>>
  /** The first ones in words. */
  readonly examples: readonly CutFinding[]
  readonly seconds: number
}

export type PowerReport = {
  readonly seed: number
  readonly cuts?: CutsReport
  readonly broken?: readonly BrokenResult[]
  readonly faults?: readonly FaultResult[]
  /** Why the run failed; empty when it passed. */
  readonly failures: readonly string[]
}

const MAX_EXAMPLES = 10

/** Adds up recordings and the cuts made of them. */
export function summarize(
  recordings: readonly Recording[],
  { results, seconds }: { readonly results: readonly CutResult[]; readonly seconds: number },
): CutsReport {
  const counts = recordings.map(({ ledger, end }) => countAcknowledged(ledger, end))
  const acknowledged = sum(counts.map(({ all }) => all))
  const shares = FEATURES.map((feature) => {
    const share = sum(counts.map(({ byFeature }) => byFeature.get(feature) ?? 0)) / acknowledged
    return [feature, Number(share.toFixed(3))] as const
  })
  const findings = results.flatMap((result) => result.findings)
  const countOf = (kind: CutFinding['kind']): number => {
    return findings.filter((finding) => finding.kind === kind).length
  }
  return {
    cuts: results.length,
    cutsAfterAnswer: results.filter(({ cut }) => cut.afterAnswer).length,
    cutsWithReboot: results.filter(({ cut }) => cut.isReboot).length,
    recordings: recordings.length,
    acknowledged,
    shares: Object.fromEntries(shares),
    verified: sum(results.map((result) => result.acknowledged)),
    versionsRead: sum(results.map(({ versionsRead }) => versionsRead)),
    bytesRead: sum(results.map(({ bytesRead }) => bytesRead)),
    findings: {
      lost: countOf('lost'),
      torn: countOf('torn'),
      ghost: countOf('ghost'),
      list: countOf('list'),
      feed: countOf('feed'),
      unopened: countOf('unopened'),
    },
    examples: findings.slice(0, MAX_EXAMPLES),
    seconds: Math.round(seconds),
  }
}

/** Why the run does not pass. */
export function failuresOf({
  cuts,
  broken = [],
  faults = [],
}: Omit<PowerReport, 'failures'>): string[] {
  const failures: string[] = []
  for (const [kind, count] of Object.entries(cuts?.findings ?? {})) {
    if (count > 0) failures.push(`${count} findings of kind ${kind}`)
  }
  if (cuts !== undefined && cuts.acknowledged < MIN_STATES) {
    failures.push(`${cuts.acknowledged} acknowledged states are fewer than ${MIN_STATES}`)
  }
  for (const feature of cuts === undefined ? [] : SHARED_FEATURES) {
    const share = cuts?.shares[feature] ?? 0
    if (share < MIN_SHARE) failures.push(`only ${share} of the states are ${feature}`)
  }
  for (const { name, isCaught, cuts: tried } of broken) {
    if (!isCaught) failures.push(`the build with ${name} was not caught in ${tried} cuts`)
  }
  for (const { name, problems } of faults) {
    failures.push(...problems.map((problem) => `${name}: ${problem}`))
  }
  return failures
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
