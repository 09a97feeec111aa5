import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import test from 'node:test'
import { decodeHeaderText, encodeHeaderText } from './header-text.ts'

test('ASCII stays as it is, both ways', () => {
  for (const text of ['', 'plain', 'a=b; c="d"', 'a?=b']) {
    assert.equal(decodeHeaderText(text), text)
    assert.equal(encodeHeaderText(text), text)
  }
})

test('bytes are UTF-8 when they can be, else latin1', () => {
  assert.equal(decodeHeaderText(Buffer.from('Grüße 😀').toString('latin1')), 'Grüße 😀')
  assert.equal(decodeHeaderText('Hello World\u00e9'), 'Hello Worldé')
})

test('encoded words of RFC 2047 are decoded', () => {
  assert.equal(decodeHeaderText('=?UTF-8?B?R3LDvMOfZQ==?='), 'Grüße')
  assert.equal(decodeHeaderText('=?ISO-8859-1?Q?Andr=E9_Pirard?= x'), 'André Pirard x')
  assert.equal(decodeHeaderText('=?utf-8?q?=04mymeta?='), '\u0004mymeta')
  assert.equal(decodeHeaderText('=?UTF-8?B?R3LDvA==?= =?UTF-8?B?w59l?='), 'Grüße')
  assert.equal(decodeHeaderText('=?unknown?Q?x?='), '=?unknown?Q?x?=')
})

test('any text comes back, and travels as printable ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = encodeHeaderText(text)
      assert.match(encoded, /^[\t -~]*$/)
      assert.equal(decodeHeaderText(encoded), text)
    }),
  )
})
