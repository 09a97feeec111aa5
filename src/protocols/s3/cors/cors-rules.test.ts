import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseXml } from '../../../base/xml.ts'
import { parseCorsRules } from './cors-rules.ts'
import { corsHeaders, findCorsRule } from './match-cors.ts'

const page = new URL('../../../../docs/formats/bucket-settings.md', import.meta.url)

const DOCUMENT = `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule>
  <ID>upload</ID><AllowedOrigin>https://*.example.com</AllowedOrigin>
  <AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds>
</CORSRule></CORSConfiguration>`

test('rules are kept as docs/formats says', () => {
  const [, example = ''] = /```json\n(.*)\n```/.exec(readFileSync(page, 'utf8')) ?? []
  const kept = JSON.stringify(parseCorsRules(parseXml(DOCUMENT)))
  assert.equal(kept, JSON.stringify(JSON.parse(example)))
})

test('the first rule that matches decides, whatever later ones would allow', () => {
  const rule = { origins: ['*'], methods: ['GET'], headers: [], exposed: [] }
  const rules = [
    { ...rule, origins: ['http://a.example'], maxAgeSeconds: 1 },
    { ...rule, maxAgeSeconds: 2 },
    { ...rule, headers: ['x-*-end'], maxAgeSeconds: 3 },
  ]
  const maxAge = (origin: string, headers: readonly string[] = []) => {
    const request = { origin, method: 'GET', headers }
    const found = findCorsRule(rules, request)
    return found && corsHeaders(found, request)['access-control-max-age']
  }
  assert.equal(maxAge('http://a.example'), 1)
  assert.equal(maxAge('http://b.example'), 2)
  assert.equal(maxAge('http://a.example', ['x-a-end']), 3)
  assert.equal(maxAge('http://a.example', ['x-end']), undefined)
})
