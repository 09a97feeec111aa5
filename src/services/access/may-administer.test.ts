import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANONYMOUS, type Caller, DEFAULT_ACCOUNT_ID, rootOf } from './caller.ts'
import { mayAdminister } from './may-administer.ts'
import { parsePolicy } from './policy/parse-policy.ts'

const NOW = new Map([['aws:sourceip', ['10.0.0.1']]])

function userWith(statements: readonly object[], account: string = DEFAULT_ACCOUNT_ID): Caller {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  const policy = parsePolicy(text, { kind: 'identity' })
  const policies = [{ source: 'policy p of user u', policy }]
  return { kind: 'user', account, identity: 'u', tags: [], policies }
}

function mayCreateUsers(caller: Caller): boolean {
  return mayAdminister({ caller, operation: 'CreateUser', keys: NOW })
}

const ALLOW = { Effect: 'Allow', Action: 'coffer:CreateUser', Resource: '*' }

test('the root of the default account may do everything, that of another nothing', () => {
  assert.ok(mayCreateUsers(rootOf(DEFAULT_ACCOUNT_ID)))
  assert.ok(!mayCreateUsers(rootOf('111122223333')))
  assert.ok(!mayCreateUsers(ANONYMOUS))
})

test('a user of the default account may do what its policies allow', () => {
  assert.ok(mayCreateUsers(userWith([ALLOW])))
  assert.ok(mayCreateUsers(userWith([{ ...ALLOW, Action: 'coffer:*' }])))
  assert.ok(!mayCreateUsers(userWith([{ ...ALLOW, Action: 'coffer:List*' }])))
  assert.ok(!mayCreateUsers({ ...userWith([ALLOW]), policies: [] }))
  assert.ok(!mayCreateUsers(userWith([ALLOW], '111122223333')))
})

test('a denial wins, with its conditions', () => {
  const elsewhere = { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }
  const deny = { ...ALLOW, Effect: 'Deny' }
  assert.ok(!mayCreateUsers(userWith([ALLOW, deny])))
  assert.ok(mayCreateUsers(userWith([ALLOW, { ...deny, Condition: elsewhere }])))
})

test('who may do everything to buckets may not run the server', () => {
  assert.ok(!mayCreateUsers(userWith([{ ...ALLOW, Action: 's3:*' }])))
  assert.ok(!mayCreateUsers(userWith([{ ...ALLOW, Action: '*', Resource: 'arn:aws:s3:::*' }])))
})
