// The evaluator against a second, naive one: random policies and requests.
// COFFER_POLICY_RUNS and COFFER_POLICY_SEED make more of them, or the same ones again.
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluatePolicy } from '../../src/services/access/policy/evaluate-policy.ts'
import type { PolicyVerdict } from '../../src/services/access/policy/evaluate-policy.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import type { PolicyKind } from '../../src/services/access/policy/parse-policy.ts'
import { naiveVerdict } from './naive-evaluator.ts'
import type { NaiveVerdict, RawPolicy, RawRequest } from './naive-evaluator.ts'
import { aBucketPolicy, anIdentityPolicy, aRequest } from './random-policies.ts'

const RUNS = Number(process.env['COFFER_POLICY_RUNS'] ?? 3000)
const SEED = Number(process.env['COFFER_POLICY_SEED'] ?? 20_261_120)

const KINDS = [
  { kind: { kind: 'bucket', bucket: 'b' }, aPolicy: aBucketPolicy },
  { kind: { kind: 'identity' }, aPolicy: anIdentityPolicy },
] as const

for (const { kind, aPolicy } of KINDS) {
  test(`${RUNS} random policies, kind ${kind.kind}, mean what the naive evaluator says; seed ${SEED}`, () => {
    const counts = { allow: 0, deny: 0, none: 0 }
    const agrees = fc.property(aPolicy, aRequest, (policy, request) => {
      const verdict = evaluate(policy, request, kind)
      counts[verdict.effect] += 1
      assert.deepEqual(verdict, named(naiveVerdict(policy, request), policy))
    })
    fc.assert(agrees, { seed: SEED, numRuns: RUNS })
    // Were they nearly all alike, the agreement would say little.
    for (const count of Object.values(counts)) assert.ok(count > RUNS / 10, JSON.stringify(counts))
  })
}

function evaluate(policy: RawPolicy, request: RawRequest, kind: PolicyKind): PolicyVerdict {
  const { who, action, resource, context } = request
  const keys = new Map(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]))
  const parsed = parsePolicy(JSON.stringify(policy), kind)
  return evaluatePolicy(parsed, { principal: who, action, resource, keys })
}

function named({ effect, by = 0, to }: NaiveVerdict, policy: RawPolicy): object {
  if (effect === 'none') return { effect }
  const statement = policy.Statement[by]?.Sid ?? `#${by + 1}`
  return { effect, statement, ...(to && { grantedTo: to }) }
}
