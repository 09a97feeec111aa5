import assert from 'node:assert/strict'
import test from 'node:test'
import { parsePublicUrl, renderUrl } from './public-url.ts'

test('a public URL is an origin and a prefix, as clients sign them', () => {
  assert.deepEqual(parsePublicUrl('https://Files.example.com:443/'), {
    origin: 'https://files.example.com',
    host: 'files.example.com',
    prefix: '',
  })
  assert.deepEqual(parsePublicUrl('http://files.example.com:8080/a/s3/'), {
    origin: 'http://files.example.com:8080',
    host: 'files.example.com:8080',
    prefix: '/a/s3',
  })
})

test('what is more than that, or less, is none', () => {
  for (const text of [
    'files.example.com',
    'ftp://files.example.com',
    'https://',
    'https://user:password@files.example.com',
    'https://files.example.com/?a',
    'https://files.example.com/#a',
    '',
  ]) {
    assert.equal(parsePublicUrl(text), undefined, text)
  }
})

test('an address is the public one, or what the client came to', () => {
  const request = { host: '127.0.0.1:9000', isSecure: false }
  assert.equal(renderUrl(request, '/b/k', undefined), 'http://127.0.0.1:9000/b/k')
  const secure = { ...request, isSecure: true }
  assert.equal(renderUrl(secure, '/b/k', undefined), 'https://127.0.0.1:9000/b/k')
  const publicUrl = parsePublicUrl('https://files.example.com/s3')
  assert.equal(renderUrl(request, '/b/k', publicUrl), 'https://files.example.com/s3/b/k')
})
