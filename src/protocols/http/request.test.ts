import assert from 'node:assert/strict'
import test from 'node:test'
import { findHeader, parseTarget } from './request.ts'

test('the path of a target stays as it was sent', () => {
  assert.deepEqual(parseTarget('/b/a/../c//d/%2e%2e/e?x=?&y'), {
    rawPath: '/b/a/../c//d/%2e%2e/e',
    rawQuery: 'x=?&y',
    authority: undefined,
  })
})

test('an absolute target names its authority, and loses nothing else', () => {
  assert.deepEqual(parseTarget('HTTP://Host:9000/b//k?q'), {
    rawPath: '/b//k',
    rawQuery: 'q',
    authority: 'Host:9000',
  })
  assert.equal(parseTarget('http://host').rawPath, '/')
  assert.deepEqual(parseTarget('http://host?list'), {
    rawPath: '/',
    rawQuery: 'list',
    authority: 'host',
  })
})

test('a path that looks like a URL is a path', () => {
  assert.equal(parseTarget('/http://host/b').rawPath, '/http://host/b')
  assert.equal(parseTarget('//host/b').rawPath, '//host/b')
})

test('the asterisk form is the root', () => {
  assert.equal(parseTarget('*').rawPath, '/')
})

test('several field lines are joined to one value', () => {
  assert.equal(findHeader({ a: ['1', '2'] }, 'a'), '1, 2')
  assert.equal(findHeader({ a: ['1'] }, 'a'), '1')
  assert.equal(findHeader({}, 'a'), undefined)
})
