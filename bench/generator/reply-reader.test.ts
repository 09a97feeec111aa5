import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReplyReader, type Reply, type ReplyExpectation } from './reply-reader.ts'

const KEPT: ReplyExpectation = { hasBody: true, keepsBody: true }

test('a reply is the same in whatever pieces it comes', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "x"\r\n\r\nhello'
  for (let size = 1; size <= text.length; size += 1) {
    const [reply] = readAll(KEPT, piecesOf(text, size))
    assert.equal(reply?.status, 200)
    assert.equal(reply.body, 'hello')
    assert.equal(reply.bodyBytes, 5)
  }
})

test('chunks are put together, in whatever pieces they come', () => {
  const text =
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n'
  for (let size = 1; size <= text.length; size += 1) {
    assert.deepEqual(
      readAll(KEPT, piecesOf(text, size)).map(({ body }) => body),
      ['hello'],
    )
  }
})

test('HEAD is answered with a length and without a body', () => {
  const text = 'HTTP/1.1 200 OK\r\ncontent-length: 4096\r\n\r\n'
  const [reply] = readAll({ hasBody: false, keepsBody: false }, [text])
  assert.equal(reply?.announcedBytes, 4096)
  assert.equal(reply.bodyBytes, 0)
})

test('a body that repeats is compared from its beginning each time', () => {
  const content = Buffer.from('abc')
  const isDifferent = (body: string): boolean | undefined => {
    const text = `HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n${body}`
    const expectation = { hasBody: true, keepsBody: false, content }
    return readAll(expectation, piecesOf(text, 3))[0]?.isDifferent
  }
  assert.equal(isDifferent('abcabc'), false)
  assert.equal(isDifferent('abcabd'), true)
})

test('more than was asked for is an error', () => {
  const text = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'
  assert.throws(() => readAll(KEPT, [text]))
  const reader = createReplyReader()
  assert.throws(() => reader.push(Buffer.from('HTTP/1.1 408 Timeout\r\n\r\n')))
})

function readAll(expectation: ReplyExpectation, pieces: readonly string[]): readonly Reply[] {
  const replies: Reply[] = []
  const reader = createReplyReader()
  reader.expect(expectation, (reply) => replies.push(reply))
  for (const piece of pieces) reader.push(Buffer.from(piece))
  return replies
}

function piecesOf(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  )
}
