// What no policy is made of must not do more harm than be refused.
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluatePolicy } from '../../src/services/access/policy/evaluate-policy.ts'
import { isPublicPolicy } from '../../src/services/access/policy/is-public.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import { PolicyError } from '../../src/services/access/policy/policy-error.ts'
import { aBucketPolicy, aRequest } from './random-policies.ts'

const SEED = 20_261_120

/** Some are as good as what they replace. */
const aToken = fc
  .constantFrom('*', 'Deny', 'Sid', 's3:*', 'arn:aws:s3:::b/${*}', 'Null', 'true', '10')
  .map((text) => JSON.stringify(text))

/** A policy in whose JSON one value or name is another. */
const aSpoiltPolicy = fc
  .tuple(aBucketPolicy, fc.nat(), fc.oneof(aToken, fc.json({ maxDepth: 3 }), fc.string()))
  .map(([policy, at, instead]) => {
    const tokens = JSON.stringify(policy).split(/("[^"]*")/)
    const place = (at % Math.floor(tokens.length / 2)) * 2 + 1
    return tokens.with(place, instead).join('')
  })

test(`every text is a policy that answers, or refused with a PolicyError; seed ${SEED}`, () => {
  const counts = { taken: 0, refused: 0 }
  const holds = fc.property(fc.oneof(aSpoiltPolicy, fc.string()), aRequest, (text, request) => {
    const { who, action, resource } = request
    try {
      const policy = parsePolicy(text, { kind: 'bucket', bucket: 'b' })
      counts.taken += 1
      isPublicPolicy(policy)
      evaluatePolicy(policy, { principal: who, action, resource, keys: new Map() })
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      counts.refused += 1
      assert.match(error.message, /\.$/)
    }
  })
  fc.assert(holds, { seed: SEED, numRuns: 3000 })
  assert.ok(counts.taken > 30 && counts.refused > 300, JSON.stringify(counts))
})
