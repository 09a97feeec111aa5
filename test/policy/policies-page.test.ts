import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findOperator } from '../../src/services/access/policy/condition-operators.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import { POLICY_LIMITS } from '../../src/services/access/policy/policy-limits.ts'
import { isS3Key } from '../../src/services/access/policy/s3-vocabulary.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/policies.md'), 'utf8')

test('the policy on the page is one', () => {
  const [, text = ''] = /```json\n(.*?)```/s.exec(PAGE) ?? []
  assert.equal(parsePolicy(text, { kind: 'identity' }).statements.length, 2)
})

test('the page has all operators, each under its right name', () => {
  const [, table = ''] = /\| operators \| compare \|\n(.*?)\n\n/s.exec(PAGE) ?? []
  const names = Array.from(table.matchAll(/`(\w+)`/g), ([, name = '']) => name)
  const operators = names.filter((name) => /^[A-Z]/.test(name))
  assert.deepEqual(operators.map(findOperator), operators)
  assert.equal(new Set(operators).size, 27)
})

test('every key of S3 on the page is one that S3 has', () => {
  const keys = Array.from(PAGE.matchAll(/`(s3:[A-Za-z][\w/<>-]*)`/g), ([, key = '']) => key)
  const unknown = keys.filter((key) => !isS3Key(key.toLowerCase()) && !key.startsWith('s3:Get'))
  assert.deepEqual(unknown, [])
  assert.ok(keys.length > 40)
})

test('the page has the limits that are kept', () => {
  const [, table = ''] = /\| limit \| \|\n(.*?)\n\n/s.exec(PAGE) ?? []
  const listed = Array.from(table.matchAll(/\| ([\d,]+)(?: bytes)? \|/g), ([, limit = '']) => {
    return Number(limit.replace(',', ''))
  })
  const { sizeBytes, statements, values, characters, depth } = POLICY_LIMITS
  assert.deepEqual(listed, [sizeBytes, statements, values, characters, depth])
})
