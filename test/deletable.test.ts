/**
 * Any folder of protocols/ and services/ but the ones that S3 stands on can be deleted, with its
 * lines in app/compose.ts; the rest compiles and works. A command that speaks to what was deleted
 * goes with it, with its lines in cli/command-line.ts, and so does a test of it.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { removeUses } from './deletable/remove-uses.ts'
import { importsOf } from './tidy/imports.ts'
import { isCode, isTest, readTree, type SourceFile } from './tidy/source-tree.ts'

const ROOT = resolve(import.meta.dirname, '..')
const COPIED = ['src', 'test', 'bench', 'package.json', 'tsconfig.json']
const TYPES = 'tsconfig.deletable.json'
/** What S3 stands on. */
const NEEDED = new Set(['http', 's3', 'access'])
/** Files that put others together: they lose lines, and are never deleted themselves. */
const PUT_TOGETHER = new Set([
  'src/app/compose.ts',
  'src/app/compose-protocols.ts',
  'src/app/compose-thread.ts',
  'src/cli/command-line.ts',
])
const QUICK_TEST = 'test/deletable/still-works.ts'
const TIMEOUT_MS = 120_000
/** Imports and arguments that are left over are for the linter to find. */
const LENIENT = { noUnusedLocals: false, noUnusedParameters: false }

const run = promisify(execFile)

const deletable = ['src/protocols', 'src/services'].flatMap((layer) =>
  existsSync(join(ROOT, layer)) ? foldersOf(layer) : [],
)

test('a file loses what names an import that is gone, and nothing else', () => {
  const text = `
import { createA, A_PREFIX } from './a.ts'
import { createB } from './b.ts'
const b = createB({ key: A_PREFIX, createA: 1 })
const a = createA(b)
export const all = [{ prefix: A_PREFIX, answer: 1 }, b, a]
if (b) { a.start() }
export const loaded = new Map([['a', () => import('./a.ts')], ['b', () => import('./b.ts')]])
`
  const left = `
import { createB } from './b.ts'
const b = createB({ createA: 1 })
export const all = [b,]
if (b) { }
export const loaded = new Map([['b', () => import('./b.ts')]])
`
  const found = removeUses(text, (specifier) => specifier === './a.ts')
  assert.equal(withoutBlanks(found), withoutBlanks(left))
})

test('there is something to delete', () => assert.notEqual(deletable.length, 0))

for (const folder of deletable) {
  test(`${folder} can be deleted, and the rest compiles and works`, async (context) => {
    const copy = await copyProject(context)
    const left = await deleteFolder(copy, folder)
    const files = [...concernedBy(left)]
    assert.ok(files.includes('src/app/app.ts'), files.join(' '))
    const extended = { extends: './tsconfig.json', compilerOptions: LENIENT, include: [], files }
    await writeFile(join(copy, TYPES), JSON.stringify(extended))
    await runIn(copy, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', TYPES])
    assert.match(await runIn(copy, ['--test', QUICK_TEST]), /^ℹ pass 1$/m)
  })
}

function foldersOf(layer: string): readonly string[] {
  const entries = readdirSync(join(ROOT, layer), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && !NEEDED.has(entry.name))
    .map((entry) => `${layer}/${entry.name}`)
}

async function copyProject(context: TestContext): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'coffer-deletable-'))
  context.after(() => rm(copy, { recursive: true, force: true }))
  for (const path of COPIED) await cp(join(ROOT, path), join(copy, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** The folder is gone, and so is what cannot be without it. Gives what is left. */
async function deleteFolder(copy: string, folder: string): Promise<readonly SourceFile[]> {
  const files = readTree(copy).filter(isCode)
  const gone = new Set(pathsOf(files).filter((path) => path.startsWith(`${folder}/`)))
  for (let known = 0; gone.size > known;) {
    known = gone.size
    for (const file of files) if (goesToo(file, gone)) gone.add(file.path)
  }
  for (const { path, text } of files.filter((file) => PUT_TOGETHER.has(file.path))) {
    const left = removeUses(text, (specifier) => gone.has(posix.join(dirname(path), specifier)))
    await writeFile(join(copy, path), left)
  }
  for (const path of gone) await rm(join(copy, path))
  return files.filter(({ path }) => !gone.has(path))
}

/**
 * The files that were changed, and those that import one of them, directly or not. What all others
 * import is as it was, so that they compile as they did; it takes half as long not to ask again.
 */
function concernedBy(left: readonly SourceFile[]): ReadonlySet<string> {
  const concerned = new Set(PUT_TOGETHER)
  for (let known = 0; concerned.size > known;) {
    known = concerned.size
    for (const file of left) if (importsAny(file, concerned)) concerned.add(file.path)
  }
  return concerned
}

/** Commands and tests go with what they are about; nothing else may depend on it. */
function goesToo(file: SourceFile, gone: ReadonlySet<string>): boolean {
  const depends = file.path.startsWith('src/cli/') || isTest(file)
  if (!depends || PUT_TOGETHER.has(file.path)) return false
  return importsAny(file, gone)
}

function importsAny(file: SourceFile, paths: ReadonlySet<string>): boolean {
  return importsOf(file).some(({ target }) => target !== undefined && paths.has(target))
}

function pathsOf(files: readonly SourceFile[]): readonly string[] {
  return files.map(({ path }) => path)
}

/** Runs Node on the copy and gives what it said; when it fails, that is the failure's message. */
async function runIn(copy: string, given: readonly string[]): Promise<string> {
  // The test runner believes that it runs inside another one while this is set.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const cache = join(copy, 'node-compile-cache')
  const options = { cwd: copy, env: { ...env, NODE_COMPILE_CACHE: cache }, timeout: TIMEOUT_MS }
  const { stdout } = await run(process.execPath, given, options).catch(
    (error: { readonly stdout?: string }) =>
      assert.fail(`${given.join(' ')}\n${error.stdout ?? ''}`),
  )
  return stdout
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, '')
}
