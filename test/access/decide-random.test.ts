// Decisions against a second, naive implementation: random accounts, policies, lists, settings.
// COFFER_ACCESS_RUNS and COFFER_ACCESS_SEED make more of them, or the same ones again.
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Grant } from '../../src/services/access/access-control-list.ts'
import {
  type Asker,
  callerOf,
  openWorld,
  OTHER,
  OWNER,
  type RawStatement,
  THIRD,
  USER,
  type World,
  type WorldObject,
} from './access-world.ts'
import {
  naivelyAllows,
  type PlainAsker,
  type PlainPrincipal,
  type PlainQuestion,
  type PlainStatement,
  type PlainWorld,
  resourceOf,
} from './naive-decision.ts'

const RUNS = Number(process.env['COFFER_ACCESS_RUNS'] ?? 3000)
const SEED = Number(process.env['COFFER_ACCESS_SEED'] ?? 20_261_121)

const anAccount = fc.constantFrom(OWNER, OTHER, THIRD)

const BUCKET_ACTIONS = [
  's3:ListBucket',
  's3:GetBucketAcl',
  's3:PutBucketAcl',
  's3:PutBucketPolicy',
  's3:GetBucketVersioning',
]
const OBJECT_ACTIONS = [
  's3:GetObject',
  's3:GetObjectAcl',
  's3:PutObjectAcl',
  's3:GetObjectTagging',
  's3:DeleteObject',
]
const WRITE_ACTIONS = [
  's3:PutObject',
  's3:PutObjectAcl',
  's3:PutObjectTagging',
  's3:PutObjectRetention',
]

const someActions = fc.uniqueArray(
  fc.constantFrom(...BUCKET_ACTIONS, ...OBJECT_ACTIONS, ...WRITE_ACTIONS),
  { minLength: 2 },
)

const aPrincipal: fc.Arbitrary<PlainPrincipal> = fc.oneof(
  fc.constant({ kind: 'everybody' } as const),
  fc.record({ kind: fc.constantFrom('account', 'root', 'user'), account: anAccount }),
)

const spoken = {
  effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  actions: someActions,
  resource: fc.constantFrom('bucket', 'objects', 'everything', 'everything'),
} as const

const aStatement: fc.Arbitrary<PlainStatement> = fc.oneof(
  { weight: 4, arbitrary: fc.record(spoken) },
  { weight: 1, arbitrary: fc.record({ ...spoken, ifTagged: fc.constant(true as const) }) },
)
const bucketStatement: fc.Arbitrary<PlainStatement> = fc
  .tuple(aStatement, aPrincipal)
  .map(([statement, principal]) => ({ ...statement, principal }))

const aGrant: fc.Arbitrary<Grant> = fc.record({
  grantee: fc.oneof(
    fc.record({ kind: fc.constant('account' as const), account: anAccount }),
    fc.record({
      kind: fc.constant('group' as const),
      group: fc.constantFrom('all-users', 'authenticated-users', 'log-delivery'),
    }),
  ),
  permission: fc.constantFrom('FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'),
})
const anAcl = fc.array(aGrant, { maxLength: 3 })

const anObject: fc.Arbitrary<WorldObject> = fc.record(
  {
    owner: anAccount,
    acl: anAcl,
    tags: fc.constantFrom([], [['security', 'public'] as const], [['security', 'secret'] as const]),
  },
  { requiredKeys: ['owner'] },
)

const aWorld: fc.Arbitrary<PlainWorld> = fc.record(
  {
    ownership: fc.constantFrom(
      'BucketOwnerEnforced',
      'BucketOwnerPreferred',
      'ObjectWriter',
      'ObjectWriter',
    ),
    block: fc.record({ ignorePublicAcls: fc.boolean(), restrictPublicBuckets: fc.boolean() }),
    policy: fc.array(bucketStatement, { maxLength: 3 }),
    acl: anAcl,
    object: anObject,
  },
  { requiredKeys: ['policy'] },
)

const anAsker: fc.Arbitrary<PlainAsker> = fc.oneof(
  fc.constant({ kind: 'anonymous', account: 'anonymous', policy: [] } as const),
  fc.record({ kind: fc.constant('root' as const), account: anAccount, policy: fc.constant([]) }),
  fc.record({
    kind: fc.constant('user' as const),
    account: anAccount,
    policy: fc.array(aStatement, { maxLength: 2 }),
  }),
)

const aQuestion: fc.Arbitrary<PlainQuestion> = fc
  .tuple(
    anAsker,
    fc.oneof(
      fc.record({ on: fc.constant('bucket' as const), action: fc.constantFrom(...BUCKET_ACTIONS) }),
      fc.record({ on: fc.constant('object' as const), action: fc.constantFrom(...OBJECT_ACTIONS) }),
      fc.record({
        on: fc.constant('new object' as const),
        action: fc.constantFrom(...WRITE_ACTIONS),
      }),
    ),
  )
  .map(([asker, asked]) => ({ asker, ...asked }))

test(`${RUNS} random decisions are what the naive implementation decides; seed ${SEED}`, async () => {
  const counts = { allowed: 0, denied: 0 }
  const agrees = fc.asyncProperty(aWorld, aQuestion, async (world, question) => {
    const { allowed, reason } = await decide(world, question)
    counts[allowed ? 'allowed' : 'denied'] += 1
    assert.equal(allowed, naivelyAllows({ ...question, world }), reason)
  })
  await fc.assert(agrees, { seed: SEED, numRuns: RUNS })
  // Were they nearly all alike, the agreement would say little.
  for (const count of Object.values(counts)) assert.ok(count > RUNS / 5, JSON.stringify(counts))
})

async function decide(world: PlainWorld, question: PlainQuestion) {
  const opened = await openWorld(toWorld(world))
  const { asker, action } = question
  const caller = callerOf(toAsker(asker))
  return opened.decide({ caller, action, resource: resourceOf(question), keys: new Map() })
}

function toWorld({ policy, ...rest }: PlainWorld): World {
  return { ...rest, ...(policy.length > 0 && { policy: policy.map(toStatement) }) }
}

function toAsker({ policy, ...rest }: PlainAsker): Asker {
  return { ...rest, policy: policy.map(toStatement) }
}

function toStatement({
  effect,
  principal,
  actions,
  resource,
  ifTagged,
}: PlainStatement): RawStatement {
  const Resource = {
    bucket: ['arn:aws:s3:::bucket'],
    objects: ['arn:aws:s3:::bucket/*'],
    everything: ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/*'],
  }[resource]
  const Condition = { StringEquals: { 's3:ExistingObjectTag/security': 'public' } }
  return {
    Effect: effect,
    ...(principal && { Principal: toPrincipal(principal) }),
    Action: actions,
    Resource,
    ...(ifTagged && { Condition }),
  }
}

function toPrincipal(principal: PlainPrincipal): unknown {
  switch (principal.kind) {
    case 'everybody':
      return '*'
    case 'account':
      return { AWS: principal.account }
    case 'root':
      return { AWS: `arn:aws:iam::${principal.account}:root` }
    case 'user':
      return { AWS: `arn:aws:iam::${principal.account}:user/${USER}` }
  }
}
