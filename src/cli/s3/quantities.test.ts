import assert from 'node:assert/strict'
import test from 'node:test'
import { ConfigurationError } from '../../app/config.ts'
import { parseDuration, parseMoment, parseSize, renderSize, renderTime } from './quantities.ts'

test('sizes are shown in the unit in which they are short', () => {
  const shown = [0, 1023, 1024, 1536, 1024 ** 2 - 1, 1024 ** 3, 1024 ** 6].map(renderSize)
  const expected = ['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '1.0 MiB', '1.0 GiB', '1024.0 PiB']
  assert.deepEqual(shown, expected)
})

test('sizes are read as they are shown, and shorter', () => {
  const read = ['10', '10B', '64k', '1.5KiB', '1 GiB', '2TB'].map((text) => parseSize('--x', text))
  assert.deepEqual(read, [10, 10, 65_536, 1536, 1024 ** 3, 2 * 1024 ** 4])
  for (const text of ['', 'k', '-1', '1e3', '1xb']) {
    assert.throws(() => parseSize('--x', text), ConfigurationError, text)
  }
})

test('times are a number and a unit; moments are dates or so long ago', () => {
  const read = ['90', '90s', '15m', '1h', '7d', '2w'].map((text) => parseDuration('--x', text))
  assert.deepEqual(read, [90, 90, 900, 3600, 604_800, 1_209_600])
  const now = new Date('2026-11-21T01:00:00Z')
  assert.equal(parseMoment('--x', '1h', now).toISOString(), '2026-11-21T00:00:00.000Z')
  assert.equal(parseMoment('--x', '2026-11-20', now).toISOString(), '2026-11-20T00:00:00.000Z')
  assert.throws(() => parseMoment('--x', 'yesterday', now), ConfigurationError)
  assert.equal(renderTime('2026-11-21T00:41:33.000Z'), '2026-11-21 00:41:33')
})
