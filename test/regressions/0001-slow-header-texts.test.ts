// A header with many spaces kept the server busy for seconds, or for hours, before anybody was
// asked who sent it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parseRange } from '../../src/protocols/http/range.ts'
import { isForeign, type S3Server, startS3Server } from '../s3/s3-server.ts'
import { type Headers, send } from '../s3/signing.ts'

let server: S3Server
const skip = isForeign && 'only of this process can be said how long it worked'

before(async () => {
  server = await startS3Server()
  await send(server, { target: '/warm', headers: { host: 'localhost' } })
})
after(() => server.stop())

/** More than any of these took afterwards, a fraction of what they took before. */
const BUSY_MS_MAX = 150

const CASES: readonly (readonly [what: string, method: string, headers: Headers])[] = [
  ['a grant', 'PUT', { 'x-amz-grant-read': `id=${' '.repeat(2500)}"a"b` }],
  [
    'a list of ETags',
    'PUT',
    {
      'x-amz-copy-source': '/bucket/key',
      'x-amz-copy-source-if-match': `a,${' '.repeat(2500)}"b"c`,
    },
  ],
  [
    'the Authorization header',
    'GET',
    { authorization: `AWS4-HMAC-SHA256 Credential=a${' '.repeat(30_000)}b` },
  ],
  [
    'the names of trailers',
    'POST',
    {
      'content-length': '0',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '1',
      'x-amz-trailer': `a${' '.repeat(30_000)}b`,
    },
  ],
]

const TARGETS: Readonly<Record<string, string>> = { POST: '/bucket?delete', GET: '/bucket/key' }

for (const [what, method, headers] of CASES) {
  test(`${what} with many spaces takes no time`, { skip }, async () => {
    const target = headers['x-amz-copy-source'] ? '/bucket/copy' : (TARGETS[method] ?? '/bucket')
    const begun = process.cpuUsage()
    const answer = await send(server, {
      method,
      target,
      headers: { host: 'localhost', ...headers },
    })
    const busyMs = process.cpuUsage(begun).user / 1000
    assert.ok(answer.status >= 400, answer.whole)
    assert.ok(busyMs < BUSY_MS_MAX, `it took ${busyMs} ms`)
  })
}

test('a range with many spaces takes no time', () => {
  const begun = process.cpuUsage()
  assert.equal(parseRange(`bytes=${' '.repeat(30_000)}x`), undefined)
  const busyMs = process.cpuUsage(begun).user / 1000
  assert.ok(busyMs < BUSY_MS_MAX, `it took ${busyMs} ms`)
})
