/** What is exported from the layers that others build on says what is true afterwards. */
import { posix } from 'node:path'
import type { Node } from 'oxc-parser'
import { importsOf } from './imports.ts'
import { isCode, isTest } from './source-tree.ts'
import type { Rule, SourceFile, Tree } from './source-tree.ts'

/** Files whose every export is a promise, used or not. */
const CONTRACT = /^src\/(storage|tables|protocols\/http)\/[\w-]+\.ts$/
const DESCRIBED = /^src\/(storage|services|tables|protocols\/http)\//

const described: Rule = {
  states: 'what storage, services, tables and http offer to others has a docstring',
  *find(tree) {
    const offered = namesUsedElsewhere(tree)
    for (const file of tree) {
      if (!DESCRIBED.test(file.path) || !isCode(file) || isTest(file)) continue
      for (const { node, name } of behaviourOf(file)) {
        const isOffered = CONTRACT.test(file.path) || offered.has(`${file.path} ${name}`)
        if (!isOffered || hasDocstring(file, node)) continue
        const advice = `say in a sentence what is true after ${name}, then what its types cannot say`
        yield { path: file.path, line: file.lineAt(node.start), advice }
      }
    }
  },
  broken: {
    'src/storage/a.ts': 'export function a() {}',
    'src/services/access/b.ts': '// A comment is no docstring.\nexport class B {}',
    'src/tables/c.ts': `import { B } from '../services/access/b.ts'
import { h } from '../storage/disk/bodies/h.ts'
export const c = () => 1`,
    'src/protocols/http/d.ts': '/** Of another. */\nconst e = 1\nexport async function* d() {}',
    'src/storage/f.ts': 'export interface F { f(): void }',
    'src/storage/g.ts': 'function g() {}\nexport { g }',
    'src/storage/disk/bodies/h.ts': 'export function h() {}',
  },
  sound: {
    'src/storage/a.ts': '/** A is done. */\nexport function a() {}\nfunction b() {}',
    'src/storage/b.ts': '/**\n * B.\n */\n// oxlint-disable-next-line\nexport class B {}',
    'src/storage/c.ts': 'export interface C {\n  /** Done. */\n  c(): void\n}\nexport type D = 1',
    'src/protocols/s3/e.ts': 'export function e() {}',
    'src/storage/conformance/f.ts': 'export function f() {}',
    'src/storage/disk/g.ts': "import { h } from './bodies/h.ts'",
    'src/storage/disk/bodies/h.ts': 'export function h() {}',
  },
}

export const DOCSTRING_RULES: readonly Rule[] = [described]

type Named = { readonly node: Node; readonly name: string }

/** Exports that a file of another part imports, as "path name". Tests do not count. */
function namesUsedElsewhere(tree: Tree): ReadonlySet<string> {
  const used = new Set<string>()
  for (const file of tree) {
    if (!isCode(file) || isTest(file)) continue
    for (const { target, names } of importsOf(file)) {
      if (target === undefined || partOf(target) === partOf(file.path)) continue
      for (const name of names) used.add(`${target} ${name}`)
    }
  }
  return used
}

/** A store, a service or a protocol with all below it: what lies inside is its own affair. */
function partOf(path: string): string {
  return posix.dirname(path).split('/').slice(0, 3).join('/')
}

/** Exported functions, classes, functions in constants, and interfaces that say nothing at all. */
function* behaviourOf(file: SourceFile): Generator<Named> {
  const { program, module } = file.parse()
  const exported = new Set(
    module.staticExports.flatMap(({ entries }) => entries.map(({ localName }) => localName.name)),
  )
  for (const statement of program.body) {
    const inner = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (inner === null) continue
    for (const name of namesOf(inner, file)) {
      if (exported.has(name)) yield { node: statement, name }
    }
  }
}

function namesOf(node: Node, file: SourceFile): readonly string[] {
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') {
    return node.id === null ? [] : [node.id.name]
  }
  if (node.type === 'TSInterfaceDeclaration') {
    return node.body.body.some((member) => hasDocstring(file, member)) ? [] : [node.id.name]
  }
  if (node.type !== 'VariableDeclaration') return []
  return node.declarations
    .filter(({ init }) => init?.type === 'ArrowFunctionExpression')
    .map(({ id }) => file.text.slice(id.start, id.end).replace(/:.*$/s, ''))
}

/** Whether a docstring ends right before the node, other comments apart. */
function hasDocstring(file: SourceFile, node: Node): boolean {
  const { comments } = file.parse()
  let end = node.start
  for (const comment of comments.filter((one) => one.end <= node.start).toReversed()) {
    if (file.text.slice(comment.end, end).trim() !== '') return false
    if (comment.type === 'Block' && comment.value.startsWith('*')) return true
    end = comment.start
  }
  return false
}
