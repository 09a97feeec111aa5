// Eight megabytes of empty elements, from anybody, kept the server busy for a second.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '../../src/base/xml.ts'

const LIMITS = { maxSizeBytes: 8 * 1024 * 1024, maxDepth: 8 }

test('a document ends where it has more elements than S3 has a use for', () => {
  const attributes = Array.from({ length: 200_000 }, (_, at) => `a${at}=""`).join(' ')
  for (const text of [`<a>${'<b/>'.repeat(2_000_000)}</a>`, `<a ${attributes}/>`]) {
    assert.throws(() => parseXml(text, LIMITS), { code: 'XmlTooLarge' })
  }
})

test('the largest document of S3 is read', () => {
  const checksums = '<ChecksumCRC32>a</ChecksumCRC32><ChecksumSHA256>a</ChecksumSHA256>'
  const part = `<Part><PartNumber>1</PartNumber><ETag>a</ETag><Size>1</Size>${checksums}</Part>`
  const document = parseXml(`<Parts xmlns="a">${part.repeat(10_000)}</Parts>`, LIMITS)
  assert.equal(document.children.length, 10_000)
})
