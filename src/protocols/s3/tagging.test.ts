import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '../../base/xml.ts'
import { OBJECT_TAGS, parseTagging, parseTaggingHeader } from './tagging.ts'

const header = (value: string) => parseTaggingHeader({ 'x-amz-tagging': [value] })

function parse(...tags: readonly (readonly [name: string, value: string])[]): unknown {
  const rows = tags.map(([name, value]) => `<Tag><Key>${name}</Key><Value>${value}</Value></Tag>`)
  const text = `<Tagging><TagSet>${rows.join('')}</TagSet></Tagging>`
  const document = parseXml(Buffer.from(text), { maxSizeBytes: 1000, maxDepth: 8 })
  return parseTagging(document, OBJECT_TAGS)
}

test('the header is a form: values may be missing, names may not', () => {
  assert.deepEqual(header('b=2&a=x+y%2Fz'), [
    ['a', 'x y/z'],
    ['b', '2'],
  ])
  assert.deepEqual(header('key'), [['key', '']])
  assert.deepEqual(header('&'), [])
  for (const value of ['=', 'a=1&a=2']) {
    assert.throws(() => header(value), { code: 'InvalidArgument' }, value)
  }
})

test('a document that is refused is told by the tag that it failed for', () => {
  assert.throws(() => parse(['a', '1'], ['b', '2'], ['a', '3']), {
    code: 'InvalidTag',
    fields: { TagKey: 'a' },
  })
  assert.throws(() => parse(['a', 'x;y']), {
    code: 'InvalidTag',
    fields: { TagKey: 'a', TagValue: 'x;y' },
  })
})
