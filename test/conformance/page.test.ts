import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderPage } from './page.ts'
import { compareResults, type Results } from './results.ts'

const RESULTS: Results = {
  commit: '8f0ae7b404a3a2fcf7038bf1e6bf29544fe9b6a3',
  date: '2026-11-20',
  selection: {
    'test_headers.test_one': 'passed',
    'test_s3.test_three': 'failed: assert 416 == 400',
    'test_s3.test_two': 'failed: assert 416 == 400',
    'test_s3.test_four': 'skipped: no api_name configured',
  },
  rest: { date: '2026-11-20', passed: 41 },
}

test('the page has every test, and a failure without a written reason says what the test said', () => {
  const page = renderPage(RESULTS)
  assert.match(page, /the selection, 4 \| \*\*1\*\* \|/)
  assert.match(page, /all 1,049 \| 42 \|/)
  assert.match(page, /## Failed: 2\n\n\*\*2\*\*: `assert 416 == 400`\n\n`s3.three`, `s3.two`\n/)
  assert.match(
    page,
    /## Skipped by the suite itself: 1\n\n\*\*1\*\*: `no api_name configured`\n\n`s3.four`/,
  )
  assert.match(page, /## Passed: 1\n\n`headers.one`\n/)
})

test('a comparison names what went the other way, and what was not run before', () => {
  const { 'test_s3.test_four': _, ...fewer } = RESULTS.selection
  const before: Results = {
    ...RESULTS,
    selection: { ...fewer, 'test_s3.test_two': 'passed' },
  }
  assert.deepEqual(compareResults(before, RESULTS), [
    'test_s3.test_two: passed → failed: assert 416 == 400',
    'test_s3.test_four: not run → skipped: no api_name configured',
  ])
})
