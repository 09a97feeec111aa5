import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '../../../base/xml.ts'
import { listAccounts } from '../../../services/access/accounts.ts'
import type { S3Site } from '../operation.ts'
import { parseLocationConstraint } from './region.ts'

const LIMITS = { maxSizeBytes: 1000, maxDepth: 8 }

function parse(asked: string, region?: string): string | undefined {
  const text = `<CreateBucketConfiguration>${asked}</CreateBucketConfiguration>`
  const site: S3Site = { accounts: listAccounts([]), newBuckets: 'private', region }
  return parseLocationConstraint(parseXml(Buffer.from(text), LIMITS), { site })
}

const LOCATION = '<LocationConstraint>eu-west-1</LocationConstraint>'

test('any region may be asked for, and none', () => {
  assert.equal(parse(LOCATION), 'eu-west-1')
  assert.equal(parse('<LocationConstraint/>'), undefined)
  assert.equal(parse(''), undefined)
  assert.throws(() => parse('<LocationConstraint>a b</LocationConstraint>'), {
    code: 'InvalidLocationConstraint',
  })
})

test('a server that accepts one region makes buckets nowhere else', () => {
  assert.equal(parse(LOCATION, 'eu-west-1'), 'eu-west-1')
  assert.equal(parse('', 'eu-west-1'), undefined)
  assert.throws(() => parse(LOCATION, 'us-east-1'), { code: 'IllegalLocationConstraint' })
})
