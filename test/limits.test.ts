/**
 * docs/limits.md is true: every limit in it is in the code with that value, and a test names it; no
 * limit of the files that hold nothing else is missing.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { findNumber, LIMIT_ROWS, LIMITS_PAGE, readSource, show } from './tidy/limits-page.ts'

/** Every number in these is a limit, so that none is forgotten. */
const WHOLE_FILES = [
  'src/protocols/http/http-limits.ts',
  'src/storage/limits.ts',
  'src/services/access/directory/limits.ts',
  'src/services/access/policy/policy-limits.ts',
]

test('every limit on the page stands in the code with that value', () => {
  assert.ok(LIMIT_ROWS.length > 60, `only ${LIMIT_ROWS.length} rows were understood`)
  for (const { name, file, value } of LIMIT_ROWS) {
    const number = findNumber(readSource(file), name)
    assert.ok(number !== undefined, `${file} has no number ${name}`)
    assert.equal(value.replace(/ \(.*\)$/, ''), show(name, number), name)
  }
})

test('every row that is a limit was understood', () => {
  const lines = readSource(LIMITS_PAGE)
    .split('\n')
    .filter((line) => line.startsWith('| ['))
  assert.equal(LIMIT_ROWS.length, lines.length)
})

test('every limit of the files that hold nothing else is on the page', () => {
  const onPage = new Set(LIMIT_ROWS.map(({ name, file }) => `${file} ${name}`))
  const missing = WHOLE_FILES.flatMap((file) =>
    Array.from(
      readSource(file).matchAll(/^(?: {2}|export const )(\w+)(?::| =) [\d_ *]+,?$/gm),
      ([, name]) => `${file} ${name}`,
    ),
  ).filter((limit) => !onPage.has(limit))
  assert.deepEqual(missing, [])
})

test('the test of every limit is there, and names it', () => {
  for (const { name, test: shownBy, phrase = name } of LIMIT_ROWS) {
    assert.ok(existsSync(join(import.meta.dirname, '..', shownBy)), shownBy)
    assert.ok(readSource(shownBy).includes(phrase), `${shownBy} does not say “${phrase}”`)
  }
})
