// A question in a small world, and what the answer must be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Grant, Permission } from '../../src/services/access/access-control-list.ts'
import {
  type Asker,
  BUCKET,
  callerOf,
  KEY,
  openWorld,
  OTHER,
  OWNER,
  type RawStatement,
  type World,
} from './access-world.ts'

export type Case = {
  readonly world?: World
  readonly asker: Asker
  /** `s3:GetObject` unless given. */
  readonly action?: string
  /** The object unless given. */
  readonly on?: 'bucket' | 'object' | 'new object'
  readonly allowed: boolean
  readonly because?: RegExp
}

export const OBJECTS: string = `arn:aws:s3:::${BUCKET}/*`
const ALL = [`arn:aws:s3:::${BUCKET}`, OBJECTS]

export const OWN_OBJECT: { readonly owner: string } = { owner: OWNER }

export const root: Asker = { kind: 'root', account: OWNER }
export const otherRoot: Asker = { kind: 'root', account: OTHER }
export const anonymous: Asker = { kind: 'anonymous', account: 'anonymous' }

export function user(account: string, ...policy: readonly RawStatement[]): Asker {
  return { kind: 'user', account, policy }
}

export const mayAll: RawStatement = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
export const mayNothing: RawStatement = { Effect: 'Deny', Action: 's3:*', Resource: '*' }

export function allows(principal: unknown, more: object = {}): RawStatement {
  return { Effect: 'Allow', Principal: principal, Action: 's3:*', Resource: ALL, ...more }
}

export function denies(principal: unknown, more: object = {}): RawStatement {
  return { ...allows(principal, more), Effect: 'Deny' }
}

export function to(account: string, permission: Permission): Grant {
  return { grantee: { kind: 'account', account }, permission }
}

export function toAll(group: 'all-users' | 'authenticated-users', permission: Permission): Grant {
  return { grantee: { kind: 'group', group }, permission }
}

/** Each case is a test, and its name the sentence that must be true. */
export function testCases(cases: Readonly<Record<string, Case>>): void {
  for (const [sentence, asked] of Object.entries(cases)) test(sentence, () => assertCase(asked))
}

async function assertCase({ world = {}, asker, action, on, ...expected }: Case): Promise<void> {
  const { decide } = await openWorld({ object: OWN_OBJECT, ...world })
  const object = { bucket: BUCKET, key: KEY, ...(on === 'new object' && { isNew: true as const }) }
  const { allowed, reason } = await decide({
    caller: callerOf(asker),
    action: action ?? 's3:GetObject',
    resource: on === 'bucket' ? { bucket: BUCKET } : object,
    keys: new Map(),
  })
  assert.equal(allowed, expected.allowed, reason)
  if (expected.because !== undefined) assert.match(reason, expected.because)
  assert.notEqual(reason, '')
}
