import assert from 'node:assert/strict'
import test from 'node:test'
import { parseGlob } from './find.ts'

test('globs match as in a shell, but over slashes', () => {
  assert.match('model.bin', parseGlob('*.bin'))
  assert.match('a/b/model.bin', parseGlob('a/*.bin'))
  assert.match('part-7', parseGlob('part-[0-9]'))
  assert.match('模.x', parseGlob('?.x'))
  assert.doesNotMatch('part-x', parseGlob('part-[0-9]'))
  assert.doesNotMatch('part-7', parseGlob('part-[!0-9]'))
})

test('every other character is itself', () => {
  for (const text of ['a.b', 'a+b', '(a)', 'a{2}', 'a|b', '^a$', 'a\\b', 'a]b', 'a[b', '-']) {
    assert.match(text, parseGlob(text), text)
  }
  assert.doesNotMatch('axb', parseGlob('a.b'))
})
