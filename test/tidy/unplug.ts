/** Takes a protocol or a service out of a copy of the tree, as ARCHITECTURE.md says that one can. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Node } from 'oxc-parser'
import { importsOf } from './imports.ts'
import { readTree, treeOf, walk } from './source-tree.ts'
import type { SourceFile } from './source-tree.ts'

/** The files that lose lines: where protocols and services, and where commands, are plugged in. */
const SOCKETS = ['src/app/compose.ts', 'src/cli/command-line.ts']

/**
 * Removes `folder`, the commands and black box tests that import it, and its lines in the sockets.
 * Whatever else needs it is left as it is, so that the compiler complains.
 */
export function unplug(root: string, folder: string): void {
  rmSync(join(root, folder), { recursive: true })
  for (;;) {
    const tree = readTree(root).filter(({ path }) => path.endsWith('.ts'))
    const there = new Set(tree.map(({ path }) => path))
    const orphan = tree.find((file) => goes(file) && missingImports(file, there).length > 0)
    if (orphan === undefined) return tree.forEach((file) => prune(root, file, there))
    rmSync(join(root, orphan.path))
  }
}

/** The text without the imports of missing files and without what uses them. */
export function withoutLinesOf(file: SourceFile, missing: ReadonlySet<string>): string {
  const { program } = file.parse()
  const names = new Set<string>()
  const cuts: Node[] = []
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration' || !missing.has(statement.source.value)) continue
    cuts.push(statement)
    for (const specifier of statement.specifiers) names.add(specifier.local.name)
  }
  // A constant that goes takes along what uses it, so this goes on until nothing is new.
  for (let known = -1; known < names.size;) {
    known = names.size
    for (const use of usesOf(program, names)) {
      if (cuts.some((one) => one.start <= use.start && use.end <= one.end)) continue
      cuts.push(use)
      if (use.type !== 'VariableDeclaration') continue
      for (const { id } of use.declarations) if (id.type === 'Identifier') names.add(id.name)
    }
  }
  return cut(file.text, cuts)
}

function goes({ path }: SourceFile): boolean {
  return !SOCKETS.includes(path) && /^(src\/cli|test)\//.test(path)
}

function prune(root: string, file: SourceFile, there: ReadonlySet<string>): void {
  if (!SOCKETS.includes(file.path)) return
  const missing = new Set(missingImports(file, there))
  if (missing.size > 0) writeFileSync(join(root, file.path), withoutLinesOf(file, missing))
}

function missingImports(file: SourceFile, there: ReadonlySet<string>): readonly string[] {
  return importsOf(file)
    .filter(({ target }) => target?.endsWith('.ts') === true && !there.has(target))
    .map(({ specifier }) => specifier)
}

/** For each use of a name: the element of a list that it is in, else the property, else the statement. */
function usesOf(program: Node, names: ReadonlySet<string>): readonly Node[] {
  const uses: Node[] = []
  const visit = (node: Node, above: readonly Node[]): void => {
    if (node.type === 'ImportDeclaration') return
    if (node.type === 'Identifier' && names.has(node.name)) uses.push(pluggedIn(above, node))
    for (const child of childrenOf(node)) visit(child, [...above, node])
  }
  visit(program, [])
  return uses
}

function pluggedIn(above: readonly Node[], use: Node): Node {
  const way = [...above.slice(above.findLastIndex(isBlock) + 1), use]
  const list = way.findIndex((node) => node.type === 'ArrayExpression')
  const element = list === -1 ? undefined : way[list + 1]
  return element ?? way.find((node) => node.type === 'Property') ?? way[0] ?? use
}

function isBlock(node: Node): boolean {
  return node.type === 'BlockStatement' || node.type === 'Program'
}

function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = []
  walk(node, (inner) => {
    if (inner === node) return undefined
    children.push(inner)
    return 'skip'
  })
  return children
}

function cut(text: string, nodes: readonly Node[]): string {
  let left = text
  for (const { start, end } of nodes.toSorted((one, other) => other.start - one.start)) {
    const comma = /^\s*,/.exec(left.slice(end))?.[0].length ?? 0
    left = left.slice(0, start) + left.slice(end + comma)
  }
  return left
}

/** The same for a text that is not in a file; the tests of this file use it. */
export function pruned(text: string, missing: string): string {
  const [file] = treeOf({ 'src/app/compose.ts': text })
  return file === undefined ? '' : withoutLinesOf(file, new Set([missing]))
}

/** The folders that can be taken out. */
export function pluggableFolders(root: string): readonly string[] {
  const paths = readTree(join(root, 'src')).map(({ path }) => path.split('/'))
  const folders = paths
    .filter(([layer, , ...rest]) => /^(protocols|services)$/.test(layer ?? '') && rest.length > 0)
    .map(([layer, folder]) => `src/${layer}/${folder}`)
  return [...new Set(folders)].filter((folder) => !/\/(http|s3|access)$/.test(folder))
}
