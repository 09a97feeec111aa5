import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { TransferError } from '../s3/s3-failure.ts'
import { pathInFolder } from './local-files.ts'

test('keys become paths in the folder', () => {
  assert.equal(pathInFolder('out', '数据/a b'), join('out', '数据', 'a b'))
  assert.equal(pathInFolder('out', '..a/b..'), join('out', '..a', 'b..'))
})

test('no key leads out of the folder, or to what is no file in it', () => {
  for (const key of ['', '..', '../a', 'a/../../b', './a', '/etc/passwd', 'a//b', 'a/', 'a\0b']) {
    assert.throws(() => pathInFolder('out', key), TransferError, JSON.stringify(key))
  }
})
