import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { S3Error } from '../errors.ts'
import { readForm } from './multipart-form.ts'

const BOUNDARY = '----boundary7MA4YWxk'

type Field = readonly [disposition: string, value: string]

function render(fields: readonly Field[], end = `--${BOUNDARY}--\r\n`): Buffer {
  const parts = fields.map(
    ([disposition, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`,
  )
  return Buffer.from(parts.join('') + end, 'latin1')
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  // Always the same memory, as a store of pooled buffers has it.
  const memory = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(memory, 0, at, at + size)
    yield memory.subarray(0, length)
  }
}

type Read = { fields: Record<string, string>; fileName: string; file: string }

async function read(bytes: Buffer, size = 7, boundary = BOUNDARY): Promise<Read> {
  const form = await readForm(cut(bytes, size), boundary)
  const pieces: Buffer[] = []
  for await (const piece of form.file) pieces.push(Buffer.from(piece))
  const file = Buffer.concat(pieces).toString('latin1')
  return { fields: Object.fromEntries(form.fields), fileName: form.fileName, file }
}

async function refuses(bytes: Buffer, code: S3Error['code']): Promise<void> {
  for (const size of [1, 64 * 1024]) {
    await assert.rejects(
      () => read(bytes, size),
      (error) => error instanceof S3Error && error.code === code,
      `${code} was expected`,
    )
  }
}

const FILE: Field = ['name="file"; filename="a.txt"', 'hello']

test('fields come by lower-case name, then the file, wherever the bytes were cut', async () => {
  const bytes = render([['name="Key"', 'a/${filename}'], ['name="empty"', ''], FILE])
  for (let size = 1; size < bytes.length + 1; size++) {
    assert.deepEqual(await read(bytes, size), {
      fields: { key: 'a/${filename}', empty: '' },
      fileName: 'a.txt',
      file: 'hello',
    })
  }
})

test('any bytes pass unchanged, near boundaries too', async () => {
  const almost = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    '-',
    '--',
    `\r\n--${BOUNDARY.slice(0, -1)}`,
    'x',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(almost), fc.integer({ min: 1, max: 40 }), async (pieces, size) => {
      const file = pieces.join('')
      const { file: found } = await read(render([['name="file"', file]]), size)
      assert.equal(found, file)
    }),
  )
})

test('what stands before the first boundary and after the last is left out', async () => {
  const bytes = Buffer.concat([
    Buffer.from('preamble\r\n'),
    render([FILE]),
    Buffer.from('epilogue'),
  ])
  assert.equal((await read(bytes)).file, 'hello')
})

test('fields after the file do not count', async () => {
  const { fields, file } = await read(render([FILE, ['name="key"', 'late']]))
  assert.deepEqual([fields, file], [{}, 'hello'])
})

test('the name of a file is what follows the last slash, of either kind', async () => {
  const names = [
    ['name="file"; filename="C:\\dir\\a b.txt"', 'a b.txt'],
    ['name="file"; filename="/folder/a.txt"', 'a.txt'],
    ['name="file"; filename="%22quoted%22.txt"', '"quoted".txt'],
    ['name="file"; filename="\\"quoted\\".txt"', '"quoted".txt'],
    ["name=file; filename*=utf-8''%C3%BC.txt", 'ü.txt'],
    ['name="file"; filename="\u00c3\u00bc.txt"', 'ü.txt'],
    ['name="file"', ''],
  ] as const
  for (const [disposition, expected] of names) {
    assert.equal((await read(render([[disposition, 'x']]))).fileName, expected, disposition)
  }
})

test('a form that was cut anywhere is refused before its file ends', async () => {
  const bytes = render([['name="key"', 'k'], FILE])
  const last = bytes.length - '\r\n'.length
  for (let length = 0; length < last; length++) {
    await assert.rejects(() => read(bytes.subarray(0, length)), S3Error, `${length} bytes`)
  }
  assert.equal((await read(bytes.subarray(0, last))).file, 'hello')
})

test('what is no form is refused', async () => {
  const nameless = [`--${BOUNDARY}\r\n\r\nvalue\r\n`, `--${BOUNDARY}\r\nX: y\r\n\r\nvalue\r\n`]
  for (const part of nameless) {
    await refuses(Buffer.concat([Buffer.from(part), render([FILE])]), 'MalformedPostRequest')
  }
  await refuses(Buffer.from('hello'), 'MalformedPostRequest')
  await refuses(Buffer.alloc(0), 'MalformedPostRequest')
  await refuses(render([['name="key"', '\u00ff'], FILE]), 'MalformedPostRequest')
  const twice: readonly Field[] = [['name="key"', 'a'], ['name="KEY"', 'b'], FILE]
  await refuses(render(twice), 'MalformedPostRequest')
})

test('a form without a file is refused', async () => {
  await refuses(render([['name="key"', 'k']]), 'InvalidArgument')
  await refuses(render([]), 'InvalidArgument')
})

function field(size: number): Field {
  return ['name="x"', 'x'.repeat(size)]
}

test('fields have 20 KiB together, names and all, and so has what follows the file', async () => {
  assert.equal((await read(render([field(20_000), FILE]))).file, 'hello')
  await refuses(render([field(21_000), FILE]), 'FormTooLarge')
  await refuses(render([['name="x"'.padEnd(21_000), ''], FILE]), 'FormTooLarge')
  const many = Array.from({ length: 400 }, (_, at): Field => [`name="x${at}"`, 'x'.repeat(20)])
  await refuses(render([...many, FILE]), 'FormTooLarge')
  await refuses(Buffer.concat([Buffer.alloc(30_000), render([FILE])]), 'FormTooLarge')
  await refuses(render([FILE, field(21_000)]), 'FormTooLarge')
  await refuses(Buffer.concat([render([FILE]), Buffer.alloc(30_000)]), 'MalformedPostRequest')
})
