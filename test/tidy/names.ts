/** Names of files and of what they export: the section "Names" of STYLE.md. */
import type { Node } from 'oxc-parser'
import { isCode, walk } from './source-tree.ts'
import type { Finding, Rule, SourceFile } from './source-tree.ts'

const ADVICE = 'marks a place where nobody decided: say what it is or does'
/** Words that no name may contain. */
const NOWHERE = /^(utils?|helpers?|commons?|misc|shared|managers?|impl)$/
/** Words that no name may end in. */
const NOT_LAST = /^(data|info|handlers?|processors?)$/
/** Words that are no name by themselves. */
const NOT_ALONE = /^(index|core|lib)$/

const kebabCase: Rule = {
  states: 'files and folders are named in kebab-case',
  *find(tree) {
    for (const file of tree) {
      if (!/^(src|test|bench|docs|changes)\//.test(file.path) || isFixture(file)) continue
      const parts = file.path.split('/')
      const good = parts.every((part, index) => {
        const isFile = index === parts.length - 1
        return isFile ? /^\.?[a-z0-9]+([.-][a-z0-9]+)*$|^README\.md$/.test(part) : isKebab(part)
      })
      // Python names its modules with underscores.
      if (good || file.path.endsWith('.py')) continue
      yield { path: file.path, line: 1, advice: 'rename it in kebab-case' }
    }
  },
  broken: { 'src/base/fooBar.ts': '', 'test/S3/a.test.ts': '', 'src/base/foo_bar.test.ts': '' },
  sound: { 'src/base/foo-bar.test.ts': '', 'docs/decisions/0001-one-store.md': '' },
}

const fileNames: Rule = {
  states: 'no file or folder has a name that says nothing',
  *find(tree) {
    for (const file of tree) {
      if (!/^(src|test|bench|console|python)\//.test(file.path) || isFixture(file)) continue
      // `src/base` is a layer; as the first word of a file's name, base says nothing.
      const parts = file.path.replace(/(\.test|\.bench)?\.\w+$/, '').split('/')
      for (const part of parts) {
        if (!part.startsWith('base-') && !saysNothing(part.split(/[-_.]/))) continue
        yield { path: file.path, line: 1, advice: `"${part}" ${ADVICE}` }
      }
    }
  },
  broken: {
    'src/base/index.ts': '',
    'src/storage/string-utils.ts': '',
    'src/storage/base-store.ts': '',
    'src/storage/shared/a.ts': '',
    'src/storage/object-info.ts': '',
    'test/helpers.ts': '',
  },
  sound: { 'src/base/metadata.ts': '', 'src/storage/index-of-keys.ts': '' },
}

const exportNames: Rule = {
  states: 'no export has a name that says nothing',
  *find(tree) {
    for (const file of tree.filter(isCode)) {
      for (const { name, line } of exportsOf(file)) {
        if (!/^(Base[A-Z]|I[A-Z][a-z])/.test(name) && !saysNothing(wordsOf(name))) continue
        yield { path: file.path, line, advice: `"${name}" ${ADVICE}` }
      }
    }
  },
  broken: {
    'src/base/a.ts': 'export const stringUtils = 1',
    'src/base/b.ts': 'export interface IStore {}',
    'src/base/c.ts': 'export class BaseStore {}',
    'src/base/d.ts': 'export type ObjectInfo = 1',
    'src/base/e.ts': 'function requestHandler() {}\nexport { requestHandler }',
    'src/base/f.ts': 'export const STORE_IMPL = 1',
  },
  sound: {
    'src/base/a.ts': 'export const metadata = 1, baseUrl = 2, vectorIndex = 3, IO_LIMIT = 4',
    'src/base/b.ts': 'export type InvalidRange = 1\nexport type BasedOn = 2\nconst data = 1',
  },
}

const defaultExports: Rule = {
  states: 'nothing is exported as default',
  *find(tree) {
    for (const file of tree.filter(isCode)) {
      for (const { name, line } of exportsOf(file)) {
        if (name === 'default') yield { path: file.path, line, advice: 'export it by its name' }
      }
    }
  },
  broken: {
    'src/base/a.ts': 'export default 1',
    'src/base/b.ts': 'const b = 1\nexport { b as default }',
  },
  sound: { 'src/base/a.ts': 'export const a = 1' },
}

const language: Rule = {
  states: 'no enums, namespaces or decorators',
  *find(tree) {
    for (const file of tree.filter(isCode)) {
      yield* findingsIn(file, (node) => {
        if (node.type === 'TSEnumDeclaration') return 'a union of literals says the same'
        if (node.type === 'TSModuleDeclaration') return 'a file is the namespace'
        if (node.type === 'Decorator') return 'call the function instead'
        return undefined
      })
    }
  },
  broken: {
    'src/base/a.ts': 'export enum Colour { Red }',
    'src/base/b.ts': 'namespace N { export const a = 1 }',
    'src/base/c.ts': '@sealed class C {}',
  },
  sound: { 'src/base/a.ts': "export type Colour = 'red'" },
}

const booleans: Rule = {
  states: 'no function takes a boolean by position',
  *find(tree) {
    for (const file of tree.filter(isCode)) {
      yield* findingsIn(file, (node) => {
        const isNamed =
          node.type === 'FunctionDeclaration' ||
          node.type === 'TSMethodSignature' ||
          node.type === 'TSEmptyBodyFunctionExpression' ||
          node.type === 'FunctionExpression'
        if (!isNamed || !node.params.some(isBoolean)) return undefined
        return 'what does `true` mean at the call? Use a literal, two functions or an options object'
      })
    }
  },
  broken: {
    'src/base/a.ts': 'export function list(deep: boolean): void {}',
    'src/base/b.ts': 'export interface B { list(name: string, deep?: boolean): void }',
    'src/base/c.ts': 'export class C { list(deep: boolean = true): void {} }',
  },
  sound: {
    'src/base/a.ts': 'export function list(options: { readonly deep: boolean }): boolean {}',
    'src/base/b.ts': '[true].filter((deep: boolean) => deep)',
  },
}

export const NAME_RULES: readonly Rule[] = [
  kebabCase,
  fileNames,
  exportNames,
  defaultExports,
  language,
  booleans,
]

function isFixture(file: SourceFile): boolean {
  return /\/fixtures\/|\/golden\//.test(file.path)
}

function isKebab(part: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(part)
}

function saysNothing(words: readonly string[]): boolean {
  if (words.some((word) => NOWHERE.test(word))) return true
  return NOT_LAST.test(words.at(-1) ?? '') || NOT_ALONE.test(words.join('-'))
}

/** `readParts` and `READ_PARTS` are both "read", "parts". */
function wordsOf(name: string): readonly string[] {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
  return spaced.toLowerCase().split(' ')
}

function exportsOf(file: SourceFile): readonly { readonly name: string; readonly line: number }[] {
  return file.parse().module.staticExports.flatMap((found) =>
    found.entries.map(({ exportName }) => ({
      name:
        exportName.name ?? (file.text.startsWith('export default', found.start) ? 'default' : '*'),
      line: file.lineAt(found.start),
    })),
  )
}

function* findingsIn(
  file: SourceFile,
  judge: (node: Node) => string | undefined,
): Generator<Finding> {
  const findings: Finding[] = []
  walk(file.parse().program, (node) => {
    const advice = judge(node)
    if (advice !== undefined) {
      findings.push({ path: file.path, line: file.lineAt(node.start), advice })
    }
    return undefined
  })
  yield* findings
}

function isBoolean(parameter: Node): boolean {
  const named = parameter.type === 'AssignmentPattern' ? parameter.left : parameter
  if (named.type !== 'Identifier' || !('typeAnnotation' in named)) return false
  return named.typeAnnotation?.typeAnnotation.type === 'TSBooleanKeyword'
}
