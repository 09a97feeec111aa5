import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectPage, type PageRequest, type SeekRows } from './list-page.ts'

type Row = { readonly key: string; readonly id?: string }

/** Rows as a store gives them, and a count of those that were read. */
function rowsOf(rows: readonly Row[]): {
  readonly seek: SeekRows<Row>
  readonly count: () => number
} {
  let count = 0
  return {
    count: () => count,
    *seek(key, pastId) {
      for (const row of rows) {
        if (row.key < key || (row.key === key && (row.id ?? '') <= (pastId ?? ''))) {
          if (pastId !== undefined || row.key < key) continue
        }
        count += 1
        yield row
      }
    },
  }
}

function collect(keys: readonly string[], request: PageRequest): readonly string[] {
  const { rows, prefixes } = collectPage(rowsOf(keys.map((key) => ({ key }))).seek, request)
  return [...rows.map(({ key }) => key), ...prefixes]
}

test('keys below a common prefix are not read', () => {
  const below = Array.from({ length: 1000 }, (_, number) => ({ key: `a/${number}` }))
  const { seek, count } = rowsOf([...below, { key: 'b' }])
  const page = collectPage(seek, { delimiter: '/', limit: 10 })
  assert.deepEqual(page, { rows: [{ key: 'b' }], prefixes: ['a/'] })
  assert.equal(count(), 2)
})

test('a full page reads one row more, to know whether it is the last', () => {
  const { seek, count } = rowsOf(['a', 'b', 'c', 'd'].map((key) => ({ key })))
  const page = collectPage(seek, { limit: 2 })
  assert.deepEqual(page.next, { key: 'b', row: { key: 'b' } })
  assert.equal(count(), 3)
})

test('a page ends with the prefix that was asked for', () => {
  const { seek, count } = rowsOf(['a', 'ba', 'bb', 'c', 'd'].map((key) => ({ key })))
  const page = collectPage(seek, { prefix: 'b', limit: 10 })
  assert.deepEqual(
    page.rows.map(({ key }) => key),
    ['ba', 'bb'],
  )
  assert.equal(count(), 3)
})

test('the place after a prefix that has no successor is the end', () => {
  const last = '\u{10ffff}'
  assert.deepEqual(collect(['a', `${last}1`], { delimiter: last, limit: 10 }), ['a', last])
  const request = { delimiter: last, after: { key: last }, limit: 10 }
  assert.deepEqual(collect(['a', `${last}1`], request), [])
})

test('an empty delimiter is none', () => {
  assert.deepEqual(collect(['a', 'b'], { delimiter: '', limit: 10 }), ['a', 'b'])
})

test('rows that share a key go on behind the one that was given last', () => {
  const rows = ['1', '2', '3'].map((id) => ({ key: 'a', id }))
  const { seek } = rowsOf([...rows, { key: 'b', id: '1' }])
  const first = collectPage(seek, { limit: 2 })
  assert.deepEqual(first.next, { key: 'a', row: { key: 'a', id: '2' } })
  const second = collectPage(seek, { limit: 2, after: { key: 'a', id: '2' } })
  assert.deepEqual(second.rows, [
    { key: 'a', id: '3' },
    { key: 'b', id: '1' },
  ])
  const rest = collectPage(seek, { limit: 2, after: { key: 'a' } })
  assert.deepEqual(rest.rows, [{ key: 'b', id: '1' }])
})
