import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from '../app/config.ts'
import { StorageError } from '../storage/storage-error.ts'
import { TablesError } from '../tables/tables-error.ts'
import { EXIT_CODES, explainError } from './explain-error.ts'
import { ServerRefusal } from './running-server.ts'

function systemError(fields: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error('the system said no'), { syscall: 'open', ...fields })
}

test('an address that cannot be used is named, with the reason and a way out', () => {
  for (const [code, reason] of [
    ['EADDRINUSE', 'another program listens there'],
    ['EACCES', 'below 1024 belong to root'],
    ['EADDRNOTAVAIL', 'does not have that address'],
  ] as const) {
    const fields = { code, syscall: 'listen', address: '127.0.0.1', port: 80 }
    const { message, hint, exitCode } = explainError(systemError(fields))
    assert.ok(message.startsWith('Cannot listen on 127.0.0.1:80: '), message)
    assert.ok(message.includes(reason), message)
    assert.match(hint ?? '', /--listen/)
    assert.equal(exitCode, EXIT_CODES.failed)
  }
})

test('a path that cannot be used is named, with the reason', () => {
  const { message } = explainError(systemError({ code: 'EROFS', path: '/data/catalog' }))
  assert.match(message, /^Cannot use \/data\/catalog: it lies on a read-only file system/)
})

test('a file that cannot be written is named, with what is full', () => {
  const { message } = explainError(systemError({ code: 'ENOSPC', path: 'down/big' }))
  assert.equal(message, 'Cannot use down/big: the disk is full; free some space and start again.')
})

test('what storage, tables and the server say is passed on as it is', () => {
  const newer = new TablesError('UnknownFormat', 'The tables are of a newer Coffer.')
  assert.equal(explainError(newer).message, 'The tables are of a newer Coffer.')
  const full = new StorageError('StorageFull', 'The disk is full.')
  assert.equal(explainError(full).message, 'The disk is full.')
  const refusal = new ServerRefusal('SignatureMismatch', 'It does not match.')
  assert.match(explainError(refusal).hint ?? '', /COFFER_ROOT_PASSWORD/)
})

test('a wrong setting is a wrong use', () => {
  const { message, exitCode } = explainError(new ConfigurationError('COFFER_X is wrong.'))
  assert.deepEqual({ message, exitCode }, { message: 'COFFER_X is wrong.', exitCode: 2 })
})

test('what nobody foresaw is told with its stack', () => {
  const error = new TypeError('undefined is not a function')
  assert.equal(explainError(error).message, error.stack)
  assert.equal(explainError('thrown text').message, 'thrown text')
})
