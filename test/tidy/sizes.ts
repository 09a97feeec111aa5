/**
 * The limits of STYLE.md: what one can hold in one's head. A limit is raised in a commit that says
 * why.
 */
import { posix } from 'node:path'
import type { Node } from 'oxc-parser'
import { isCode, isTest, walk } from './source-tree.ts'
import type { Finding, Rule, Sample, SourceFile, Tree } from './source-tree.ts'

const LIMITS = {
  fileLines: 400,
  functionLines: 70,
  columns: 100,
  positionalParameters: 3,
  interfaceMethods: 8,
  docstringLines: 8,
  folderDepth: 3,
  filesInFolder: 20,
  readmeLines: 200,
} as const

const fileLines: Rule = {
  states: `a file has at most ${LIMITS.fileLines} lines, the README ${LIMITS.readmeLines}`,
  *find(tree) {
    for (const file of tree) {
      const limit = file.path === 'README.md' ? LIMITS.readmeLines : LIMITS.fileLines
      if (!(isCode(file) || file.path === 'README.md') || file.lines.length <= limit) continue
      const advice = `${file.lines.length} lines, ${limit} at most: which two things does it hold?`
      yield { path: file.path, line: limit + 1, advice }
    }
  },
  broken: { 'src/base/a.ts': 'f()\n'.repeat(401), 'README.md': 'a\n'.repeat(201) },
  sound: { 'src/base/a.ts': 'f()\n'.repeat(400), 'package-lock.json': '\n'.repeat(1000) },
}

const functionLines: Rule = {
  states: `a function has at most ${LIMITS.functionLines} lines`,
  *find(tree) {
    for (const { file, node } of nodesOf(tree)) {
      if (!isFunction(node) || node.body === null) continue
      const lines = linesOf(file, node)
      if (lines <= LIMITS.functionLines) continue
      const advice = `${lines} lines, ${LIMITS.functionLines} at most: give its steps names`
      yield place(file, node, advice)
    }
  },
  broken: {
    'src/base/a.ts': `export function f() {\n${'f()\n'.repeat(69)}}`,
    'src/base/b.ts': `export class B {\n m() {\n${'f()\n'.repeat(69)}}}`,
    'src/base/c.ts': `export const c = () => {\n${'f()\n'.repeat(69)}}`,
    'src/base/d.test.ts': `suite('d', () => {\n${'f()\n'.repeat(69)}})`,
  },
  sound: {
    'src/base/a.ts': `export function f() {\n${'f()\n'.repeat(68)}}`,
    'src/base/b.ts': `export function b() {\nreturn { ${'c() {\nf()\n},\n'.repeat(30)} }}`,
    'src/base/a.test.ts': `suite('a', () => {\n${"test('t', () => {\nf()\n})\n".repeat(30)}})`,
  },
}

const columns: Rule = {
  states: `a line of code has at most ${LIMITS.columns} columns, quoted text and addresses apart`,
  *find(tree) {
    for (const file of tree) {
      if (!isCode(file) && !/\.(py|sh)$/.test(file.path)) continue
      for (const [index, line] of file.lines.entries()) {
        if (widthOf(line) <= LIMITS.columns || /https?:\/\//.test(line)) continue
        yield { path: file.path, line: index + 1, advice: 'break the line, or say it shorter' }
      }
    }
  },
  broken: { 'src/base/a.ts': `// ${'a'.repeat(98)}`, 'test/clients/a.py': `# ${'a'.repeat(99)}` },
  sound: {
    'src/base/a.ts': `// ${'a'.repeat(97)}\n// https://docs.example/${'a'.repeat(99)}\nf('${'a'.repeat(99)}')`,
  },
}

/** Without what is quoted: messages and names of tests are found better in one piece. */
function widthOf(line: string): number {
  const isComment = /^\s*(\*|\/[/*])/.test(line)
  return (isComment ? line : line.replaceAll(/'[^']*'|"[^"]*"|`[^`]*(`|$)|\/\^.*\$\//g, '')).length
}

const parameters: Rule = {
  states: `a function takes at most ${LIMITS.positionalParameters} positional parameters`,
  *find(tree) {
    // What a callback is given is for its caller to say.
    const callbacks = new Set<Node>()
    for (const { file, node } of nodesOf(tree)) {
      if (node.type === 'CallExpression') node.arguments.forEach((given) => callbacks.add(given))
      const isSignature = node.type === 'TSMethodSignature' || node.type === 'TSFunctionType'
      if (!(isFunction(node) && !callbacks.has(node)) && !isSignature) continue
      if (node.params.length <= LIMITS.positionalParameters) continue
      yield place(file, node, `${node.params.length} parameters: after two, take an options object`)
    }
  },
  broken: {
    'src/base/a.ts': 'export function f(a: 1, b: 2, c: 3, d: 4): void {}',
    'src/base/b.ts': 'export interface B { f(a: 1, b: 2, c: 3, d: 4): void }',
    'src/base/c.ts': 'export const c = (a: 1, b: 2, c: 3, d = 4) => a',
    'src/base/d.ts': 'export class D { constructor(a: 1, b: 2, c: 3, ...d: 4[]) {} }',
  },
  sound: {
    'src/base/a.ts': 'export function f(a: 1, b: 2, { c, d, e }: Options): void {}',
    'src/base/b.ts': "export const b = 'b'.replace(/(.)/, (all, b, offset, text) => text)",
  },
}

const methods: Rule = {
  states: `an interface has at most ${LIMITS.interfaceMethods} methods`,
  *find(tree) {
    for (const { file, node } of nodesOf(tree)) {
      const members = membersOf(node)
      const count = members.filter(isMethod).length
      if (count <= LIMITS.interfaceMethods) continue
      yield place(
        file,
        node,
        `${count} methods, ${LIMITS.interfaceMethods} at most: who needs all?`,
      )
    }
  },
  broken: {
    'src/base/a.ts': `export interface A { ${'a(): void; '.repeat(9)} }`,
    'src/base/b.ts': `export type B = { ${'readonly b: () => void; '.repeat(9)} }`,
  },
  sound: { 'src/base/a.ts': `export interface A { ${'a(): void; '.repeat(8)} b: string }` },
}

const docstrings: Rule = {
  states: `a docstring has at most ${LIMITS.docstringLines} lines`,
  *find(tree) {
    for (const file of tree.filter(isCode)) {
      for (const comment of file.parse().comments) {
        if (comment.type !== 'Block' || !comment.value.startsWith('*')) continue
        const lines = comment.value.split('\n').filter((line) => /[^\s*]/.test(line)).length
        if (lines <= LIMITS.docstringLines) continue
        const advice = `${lines} lines: longer reasons go to a decision record`
        yield { path: file.path, line: file.lineAt(comment.start), advice }
      }
    }
  },
  broken: { 'src/base/a.ts': `/**\n${' * a\n'.repeat(9)} */` },
  sound: { 'src/base/a.ts': `/**\n${' * a\n'.repeat(8)} */\n${'// b\n'.repeat(9)}` },
}

const depth: Rule = {
  states: `folders under src are at most ${LIMITS.folderDepth} deep`,
  *find(tree) {
    for (const { path } of tree) {
      const folders = path.split('/').length - 2
      if (!path.startsWith('src/') || folders <= LIMITS.folderDepth) continue
      yield { path, line: 1, advice: `${folders} folders below src: move it up` }
    }
  },
  broken: { 'src/a/b/c/d/e.ts': '' },
  sound: { 'src/a/b/c/d.ts': '', 'test/a/b/c/d/e/f.ts': '' },
}

const folders: Rule = {
  states: `a folder of src holds at most ${LIMITS.filesInFolder} files beside tests and operations`,
  *find(tree) {
    const counted = tree.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
    for (const [folder, files] of Map.groupBy(counted, ({ path }) => posix.dirname(path))) {
      if (folder.endsWith('/operations') || files.length <= LIMITS.filesInFolder) continue
      const advice = `${files.length} files in ${folder}: which of them belong together?`
      yield* files.map(({ path }) => ({ path, line: 1, advice }))
    }
  },
  broken: emptyFiles('src/storage', LIMITS.filesInFolder + 1),
  sound: {
    ...emptyFiles('src/storage', LIMITS.filesInFolder),
    ...emptyFiles('src/protocols/s3/operations', LIMITS.filesInFolder + 1),
  },
}

const table: Rule = {
  states: 'STYLE.md lists the limits that are kept, in this order',
  *find(tree) {
    for (const file of tree.filter(({ path }) => path === 'STYLE.md')) {
      const listed = file.lines.flatMap((line) => /^\|.*\| (\d+) \|$/.exec(line)?.[1] ?? [])
      const found = listed.join(', ')
      const kept = Object.values(LIMITS).join(', ')
      if (found === kept) continue
      yield { path: file.path, line: 1, advice: `the table says ${found}; kept are ${kept}` }
    }
  },
  broken: { 'STYLE.md': '| lines in a file | 120 | 500 |' },
  sound: {
    'STYLE.md': Object.values(LIMITS)
      .map((limit) => `| what | | ${limit} |`)
      .join('\n'),
  },
}

export const SIZE_RULES: readonly Rule[] = [
  fileLines,
  functionLines,
  columns,
  parameters,
  methods,
  docstrings,
  depth,
  folders,
  table,
]

function emptyFiles(folder: string, count: number): Sample {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`${folder}/f${at}.ts`, '']))
}

function* nodesOf(tree: Tree): Generator<{ readonly file: SourceFile; readonly node: Node }> {
  for (const file of tree.filter(isCode)) {
    const nodes: Node[] = []
    walk(file.parse().program, (node) => {
      nodes.push(node)
      return undefined
    })
    for (const node of nodes) yield { file, node }
  }
}

type FunctionNode = Extract<Node, { readonly body: unknown; readonly params: unknown }>

function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  )
}

/**
 * Without the named functions inside, which are counted by themselves; in a test, without any
 * inside.
 */
function linesOf(file: SourceFile, node: FunctionNode): number {
  let lines = file.lineAt(node.end) - file.lineAt(node.start) + 1
  if (node.body === null) return lines
  walk(node.body, (inner) => {
    const isNamed = inner.type === 'FunctionDeclaration' || inner.type === 'FunctionExpression'
    if (!isFunction(inner) || !(isNamed || isTest(file))) return undefined
    lines -= Math.max(0, file.lineAt(inner.end) - file.lineAt(inner.start) - 1)
    return 'skip'
  })
  return lines
}

function membersOf(node: Node): readonly Node[] {
  if (node.type === 'TSInterfaceDeclaration') return node.body.body
  return node.type === 'TSTypeLiteral' ? node.members : []
}

function isMethod(member: Node): boolean {
  if (member.type === 'TSMethodSignature') return true
  if (member.type !== 'TSPropertySignature') return false
  return member.typeAnnotation?.typeAnnotation.type === 'TSFunctionType'
}

function place(file: SourceFile, node: Node, advice: string): Finding {
  return { path: file.path, line: file.lineAt(node.start), advice }
}
