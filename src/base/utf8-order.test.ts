import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareUtf8, stringAfter, stringAfterPrefix } from './utf8-order.ts'

const SEED = 20_261_120

/** Strings that meet where UTF-8 and UTF-16 disagree. */
const aText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\0', 'a', 'b', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    { maxLength: 5 },
  )
  .map((pieces) => pieces.join(''))

test('strings compare as their UTF-8 bytes do', () => {
  const agrees = fc.property(aText, aText, (one, other) => {
    const bytes = Buffer.compare(Buffer.from(one), Buffer.from(other))
    assert.equal(Math.sign(compareUtf8(one, other)), bytes)
  })
  fc.assert(agrees, { seed: SEED, numRuns: 2000 })
})

test('nothing lies between a string and the one after it', () => {
  const agrees = fc.property(aText, aText, (one, other) => {
    const after = compareUtf8(other, one) > 0
    assert.equal(compareUtf8(stringAfter(one), other) <= 0, after)
  })
  fc.assert(agrees, { seed: SEED, numRuns: 2000 })
})

test('what begins with a prefix sorts before the string after it, all else beyond does not', () => {
  const agrees = fc.property(aText, aText, aText, (prefix, rest, other) => {
    const end = stringAfterPrefix(prefix)
    if (end === undefined) {
      assert.ok(other.startsWith(prefix) || compareUtf8(other, prefix) < 0)
      return
    }
    assert.ok(compareUtf8(prefix + rest, end) < 0)
    const isBeyond = compareUtf8(other, prefix) > 0 && !other.startsWith(prefix)
    assert.equal(compareUtf8(other, end) >= 0, isBeyond)
  })
  fc.assert(agrees, { seed: SEED, numRuns: 2000 })
})

test('after U+D7FF comes U+E000, and after the last character nothing', () => {
  assert.equal(stringAfterPrefix('a\ud7ff'), 'a\ue000')
  assert.equal(stringAfterPrefix('a\u{10ffff}\u{10ffff}'), 'b')
  assert.equal(stringAfterPrefix('\u{10ffff}'), undefined)
  assert.equal(stringAfterPrefix(''), undefined)
})
