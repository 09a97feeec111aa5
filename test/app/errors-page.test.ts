/** docs/errors.md says everything that there is to say, and nothing else. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ADMIN_STATUSES } from '../../src/protocols/admin/admin-error.ts'
import { S3_ERRORS } from '../../src/protocols/s3/errors.ts'

/** A row of one of the page's tables. */
type Row = {
  readonly code: string
  readonly answer: string
  readonly meaning: string
  readonly advice: string
}

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')

const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const [, code, answer, meaning, advice] =
    /^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$/.exec(line) ?? []
  if (code === undefined || answer === undefined) return []
  return [{ code, answer, meaning: meaning ?? '', advice: advice ?? '' }]
})

test('every code of S3 and storage stands on the page with its answer', () => {
  const expected = Object.entries(S3_ERRORS).map(
    ([code, { status, code: answered }]) => `${code}: ${status} \`${answered}\``,
  )
  const found = rows.map(({ code, answer }) => `${code}: ${answer}`)
  assert.deepEqual(
    expected.filter((line) => !found.includes(line)),
    [],
  )
})

test('every code of Coffer’s own API stands on the page', () => {
  const found = new Set(rows.map(({ code }) => code))
  assert.deepEqual(
    Object.keys(ADMIN_STATUSES).filter((code) => !found.has(code)),
    [],
  )
})

test('the page has each code once, and none that there is not', () => {
  const codes = rows.map(({ code }) => code)
  assert.equal(new Set(codes).size, codes.length)
  assert.deepEqual(
    codes.filter((code) => !(code in S3_ERRORS) && !(code in ADMIN_STATUSES)),
    [],
  )
})

test('every row says what is meant and what to do', () => {
  for (const { code, meaning, advice } of rows) {
    assert.match(meaning, /\.$/, code)
    assert.match(advice, /\.$/, code)
  }
})
