import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import test from 'node:test'
import { createByteReader, LineTooLongError } from './byte-reader.ts'

async function* stream(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece, 'latin1')
}

const LIMIT = { maxLineBytes: 20 }

test('lines lose their ends, and bytes may follow on the same piece', async () => {
  const reader = createByteReader(stream('one\r\ntwo\n\r\nby', 'tes', 'rest'), LIMIT)
  assert.equal(await reader.readLine(), 'one')
  assert.equal(await reader.readLine(), 'two')
  assert.equal(await reader.readLine(), '')
  assert.equal(String(await reader.readSome(10)), 'by')
  assert.equal(String(await reader.readSome(2)), 'te')
  assert.equal(String(await reader.readSome(2)), 's')
  assert.equal(await reader.readLine(), undefined)
  assert.equal(await reader.readSome(1), undefined)
})

test('it does not matter where a line is cut', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', ' '), maxLength: 10 })
  const lines = fc.array(line, { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(lines, fc.nat(60), async (texts, cut) => {
      const whole = texts.map((text) => `${text}\r\n`).join('')
      const reader = createByteReader(stream(whole.slice(0, cut), whole.slice(cut)), LIMIT)
      for (const text of texts) assert.equal(await reader.readLine(), text)
      assert.equal(await reader.readLine(), undefined)
    }),
  )
})

test('a line that is too long is refused, however it is cut', async () => {
  const long = 'x'.repeat(21)
  for (const pieces of [[`${long}\n`], [...long.split(''), '\n'], [long]]) {
    const reader = createByteReader(stream(...pieces), LIMIT)
    await assert.rejects(() => reader.readLine(), LineTooLongError)
  }
})

test('closing frees the source, once', async () => {
  let freed = 0
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false as const, value: Buffer.from('abc') }),
      return() {
        freed++
        return Promise.resolve({ done: true as const, value: undefined })
      },
    }),
  }
  const reader = createByteReader(source, LIMIT)
  await reader.readSome(1)
  await reader.close()
  await reader.close()
  assert.equal(freed, 1)
  assert.equal(await reader.readSome(1), undefined)
})
