import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containsRange, parseIpRange } from './ip-range.ts'

test('addresses of both kinds are read, with and without a prefix', () => {
  const ranges = [
    ['203.0.113.7', [203, 0, 113, 7], 32],
    ['0.0.0.0/0', [0, 0, 0, 0], 0],
    ['::', Array(16).fill(0), 128],
    ['::1/128', [...Array<number>(15).fill(0), 1], 128],
    ['2001:db8::5:6/32', [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 6], 32],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0], 128],
    ['64:ff9b::192.0.2.33', [0, 100, 255, 155, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33], 128],
  ] as const
  for (const [text, bytes, prefixBits] of ranges) {
    assert.deepEqual(parseIpRange(text), { bytes, prefixBits }, text)
  }
})

test('IPv4 inside IPv6 is IPv4', () => {
  assert.deepEqual(parseIpRange('::ffff:203.0.113.7'), parseIpRange('203.0.113.7'))
  assert.deepEqual(parseIpRange('::FFFF:0a00:0/104'), parseIpRange('10.0.0.0/8'))
  assert.equal(parseIpRange('::ffff:0:0/95')?.bytes.length, 16)
})

test('what is no address and no range is refused', () => {
  const ipv4 = '1.2.3 1.2.3.256 1.2.3.4/33 1.2.3.4/ 1.2.3.4/8/8 1.2.3.4/-1 1.2.3.x 10.* *'
  const ipv6 =
    ': ::: 1::2::3 12345:: 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7:8:: ::1/129 1.2.3.4:: ::1.2.3 g::'
  for (const text of ['', ...ipv4.split(' '), ...ipv6.split(' ')])
    assert.equal(parseIpRange(text), undefined, text)
})

test('a range contains what has the same first bits', () => {
  const rows = [
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['10.9.9.9/8', '10.1.1.1', true],
    ['10.0.0.0/8', '10.0.0.0/7', false],
    ['192.0.2.128/25', '192.0.2.129', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['::/0', '1.2.3.4', false],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
  ] as const
  for (const [outer, inner, contains] of rows) {
    const [one, other] = [parseIpRange(outer), parseIpRange(inner)]
    assert.ok(one !== undefined && other !== undefined)
    assert.equal(containsRange(one, other), contains, `${inner} in ${outer}`)
  }
})
