import assert from 'node:assert/strict'
import test from 'node:test'
import { renderProgress } from './progress.ts'

const MEBIBYTE = 1024 * 1024
const state = { doneBytes: 25 * MEBIBYTE, expectedBytes: 100 * MEBIBYTE, elapsedMs: 5000 }

test('the bar says how much is done, of how much, and how fast', () => {
  const line = renderProgress({ ...state, columns: 60 })
  assert.equal(line, '[####............]  25 %  25.0 MiB of 100.0 MiB  5.0 MiB/s')
})

test('it fits on the line of any terminal, with room for the cursor', () => {
  for (let columns = 2; columns < 120; columns++) {
    assert.ok(renderProgress({ ...state, columns }).length < columns, `${columns}`)
    assert.ok(renderProgress({ ...state, expectedBytes: 0, columns }).length < columns)
  }
})
