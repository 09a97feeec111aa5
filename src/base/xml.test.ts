import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import test from 'node:test'
import {
  escapeXml,
  findChild,
  findChildren,
  findChildText,
  parseXml,
  renderXml,
  XmlError,
  xmlElement,
  type XmlErrorCode,
  xmlText,
} from './xml.ts'

test('a document becomes a tree without prefixes, comments and indentation', () => {
  const root = parseXml(`<?xml version="1.0" encoding="UTF-8"?>
    <s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"> <!-- two -->
      <s3:Object><s3:Key>a &amp; b &#x20AC;</s3:Key></s3:Object>
      <s3:Object><s3:Key> spaces are kept </s3:Key></s3:Object>
      <s3:Quiet>true</s3:Quiet>
    </s3:Delete>`)
  assert.equal(root.name, 'Delete')
  assert.equal(root.text, '')
  assert.deepEqual(
    findChildren(root, 'Object').map((object) => findChildText(object, 'Key')),
    ['a & b €', ' spaces are kept '],
  )
  assert.equal(findChild(root, 'Quiet')?.text, 'true')
  assert.equal(findChild(root, 'Absent'), undefined)
})

test('attributes keep their names, and __proto__ is a name like any other', () => {
  const root = parseXml('<Grantee xsi:type="Group"><__proto__>x</__proto__></Grantee>')
  assert.equal(root.attributes.get('xsi:type'), 'Group')
  assert.equal(findChildText(root, '__proto__'), 'x')
})

test('bytes are read as UTF-8, and broken UTF-8 is refused', () => {
  assert.equal(parseXml(Buffer.from('<a>ü😀</a>')).text, 'ü😀')
  refuses(() => parseXml(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e])))
})

test('documents that are not well-formed, or that have a DTD, are refused', () => {
  const documents = [
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a>&unknown;</a>',
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<a>\u0001</a>',
  ]
  for (const document of documents) refuses(() => parseXml(document))
})

test('size and depth are limited', () => {
  const limits = { maxSizeBytes: 40, maxDepth: 3 }
  assert.equal(parseXml('<a><b><c>1</c></b></a>', limits).name, 'a')
  refuses(() => parseXml('<a><b><c><d>1</d></c></b></a>', limits), 'XmlTooDeep')
  refuses(() => parseXml(`<a>${'x'.repeat(40)}</a>`, limits), 'XmlTooLarge')
})

test('every text that is written is read back, control characters and NUL included', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('\0', '\u0001', '\r', '\n', '\t', '\u001f', '\uffff', '&', ']]>'),
    }),
  )
  fc.assert(
    fc.property(anything, (text) => {
      const document = renderXml(xmlElement('Keys', [xmlText('Key', text)]))
      assert.equal(findChildText(parseXml(document), 'Key'), text)
    }),
  )
})

test('control characters are written as references, as AWS answers them', () => {
  assert.equal(escapeXml('a\u0001\r\n\t<>&"\''), "a&#x1;&#xd;\n\t&lt;&gt;&amp;&quot;'")
})

test('elements are written in order; undefined ones are left out, dates are S3 dates', () => {
  const document = xmlElement(
    'Root',
    [
      xmlText('At', new Date('2026-01-02T03:04:05.006Z')),
      xmlText('Absent', undefined),
      xmlText('Size', 0),
      xmlText('Truncated', false),
      xmlElement('Empty', []),
    ],
    { xmlns: 'http://x/?a&b' },
  )
  assert.equal(
    renderXml(document),
    '<?xml version="1.0" encoding="UTF-8"?>\n<Root xmlns="http://x/?a&amp;b">' +
      '<At>2026-01-02T03:04:05.006Z</At><Size>0</Size><Truncated>false</Truncated><Empty/></Root>',
  )
})

function refuses(action: () => unknown, code: XmlErrorCode = 'MalformedXml'): void {
  assert.throws(action, (error) => error instanceof XmlError && error.code === code)
}
