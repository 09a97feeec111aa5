import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findText,
  JsonError,
  parseJson,
  readEntries,
  readList,
  readObject,
  readText,
  readTruth,
} from './json.ts'

function complaint(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof JsonError, String(error))
    return error.message
  }
  return assert.fail('nothing was thrown')
}

test('fields, lists and entries are read with the place where they stand', () => {
  const { users, deep } = readObject(parseJson('{"users":[{"name":"a"}],"deep":{"x":true}}'), [
    'users',
    'deep',
  ])
  const [user] = readList(users)
  assert.ok(user !== undefined)
  const { name, email } = readObject(user, ['name', 'email'])
  assert.deepEqual(name, { path: 'users[0].name', value: 'a' })
  assert.equal(readText(name), 'a')
  assert.equal(findText(email), undefined)
  const [[key, truth] = []] = readEntries(deep)
  assert.equal(key, 'x')
  assert.ok(truth !== undefined && readTruth(truth))
})

test('every complaint names the place', () => {
  const document = parseJson('{"users":[{"nmae":"a"}],"tags":[]}')
  const { users, tags, more } = readObject(document, ['users', 'tags', 'more'])
  const [user = document] = readList(users)
  assert.match(
    complaint(() => readObject(user, ['name'])),
    /^users\[0\]\.nmae is unknown here/,
  )
  assert.equal(
    complaint(() => readEntries(tags)),
    'tags must be an object.',
  )
  assert.equal(
    complaint(() => readText(more)),
    'more is missing.',
  )
  assert.equal(
    complaint(() => readText(tags)),
    'tags must be a text.',
  )
  assert.equal(
    complaint(() => readList(user)),
    'users[0] must be a list.',
  )
  assert.match(
    complaint(() => parseJson('{')),
    /^The document is no JSON: /,
  )
  assert.match(
    complaint(() => readObject(parseJson('[]'), [])),
    /^The document must be an object/,
  )
})

test('a field called __proto__ is unknown like any other', () => {
  const document = parseJson('{"__proto__":{"name":"a"}}')
  assert.match(
    complaint(() => readObject(document, ['name'])),
    /^__proto__ is unknown/,
  )
})

test('no piece of a broken document is in the complaint', () => {
  for (const text of ['{"secret":"hush-hush" "x"}', '["hush-hush",hush-hush]', 'hush-hush']) {
    assert.doesNotMatch(
      complaint(() => parseJson(text)),
      /hush-/,
    )
  }
})
