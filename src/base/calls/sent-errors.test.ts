import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receiveError, sendError } from './sent-errors.ts'

test('an error arrives with its fields, and without what no other thread can have', () => {
  const error = Object.assign(new Error('no'), {
    code: 'EADDRINUSE',
    commitError: Promise.resolve(),
    retry: () => undefined,
  })
  const sent = structuredClone(sendError(error))
  const received = receiveError(sent, {})
  assert.deepEqual(Object.fromEntries(Object.entries(received)), {
    name: 'Error',
    code: 'EADDRINUSE',
  })
  assert.equal(received.message, 'no')
})

test('an error of a known class is made again by it', () => {
  const sent = sendError(new RangeError('too far'))
  const revived = receiveError(sent, { RangeError: ({ message }) => new RangeError(message) })
  assert.ok(revived instanceof RangeError)
})
