import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { test } from 'node:test'
import { parseQuery } from '../http/query.ts'
import { decodeToken, encodeToken, parseListing, parsePageSize, renderName } from './listing.ts'

const size = (query: string) => parsePageSize(parseQuery(query), 'max-keys')

test('a page has at most 1,000 entries, and as many when nothing is said', () => {
  assert.deepEqual(['', 'max-keys=', 'max-keys=0', 'max-keys=7'].map(size), [1000, 1000, 0, 7])
  assert.equal(size('max-keys=5000'), 1000)
  for (const text of ['-1', 'ten', '1.5', '2147483648', '0x10']) {
    assert.throws(() => size(`max-keys=${text}`), { code: 'InvalidArgument' }, text)
  }
})

test('a page size that is refused is named as AWS names it', () => {
  assert.throws(() => size('max-keys=-1'), {
    message: 'Argument maxKeys must be an integer between 0 and 2147483647',
    fields: { ArgumentName: 'maxKeys', ArgumentValue: '-1' },
  })
  assert.throws(() => size('max-keys=2147483648'), {
    message: 'Provided max-keys not an integer or within integer range',
    fields: { ArgumentName: 'max-keys', ArgumentValue: '2147483648' },
  })
})

test('an empty delimiter is none, an empty prefix is everything', () => {
  assert.deepEqual(parseListing(parseQuery('delimiter=&prefix='), 'max-keys'), {
    prefix: '',
    delimiter: undefined,
    limit: 1000,
    encodingType: undefined,
  })
})

test('names are encoded but for slashes, so that every client can decode them', () => {
  const key = 'a b/+%ü\u0001'
  const encoded = '<Key>a%20b/%2B%25%C3%BC%01</Key>'
  assert.equal(renderName('Key', key, { encodingType: 'url' }), encoded)
  assert.equal(renderName('Key', key, { encodingType: undefined }), '<Key>a b/+%ü&#x1;</Key>')
})

test('a token is given back as the name it was made from, and nothing else is a token', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      assert.equal(decodeToken(encodeToken(name)), name)
    }),
  )
  for (const token of ['no token', '%%%', '====', 'w']) {
    assert.throws(() => decodeToken(token), { code: 'InvalidArgument' }, token)
  }
})
