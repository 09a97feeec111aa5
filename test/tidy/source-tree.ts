/** The repository as the rules see it: every file that is ours, by its path from the root. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import type { Node, ParseResult } from 'oxc-parser'

export type SourceFile = {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  /** The line, counted from one, of an offset into `text`. */
  lineAt(offset: number): number
  /** The syntax tree of a TypeScript or JavaScript file; parsed once. */
  parse(): ParseResult
}

export type Tree = readonly SourceFile[]

/** Something to put right: where it is, and what to do. */
export type Finding = { readonly path: string; readonly line: number; readonly advice: string }

/**
 * A rule of STYLE.md or ARCHITECTURE.md with its own proof: each file of `broken` must be found,
 * and nothing in `sound`, so that no rule is one that cannot fail.
 */
export type Rule = {
  /** A sentence that is true of the repository. */
  readonly states: string
  find(tree: Tree): Iterable<Finding>
  readonly broken: Sample
  readonly sound: Sample
}

/** Path to text. Each file of a broken sample is judged within the whole sample. */
export type Sample = Readonly<Record<string, string>>

const FOREIGN = new Set(['node_modules', 'dist', '.git', '.venv', '__pycache__', 'coffer-data'])
const TEXT = /\.(ts|tsx|js|json|md|py|sh|yaml|yml|css|html)$|(^|\/)(run|LICENSE|\.\w+)$/

export function readTree(root: string): Tree {
  return [...pathsUnder(root, '')]
    .filter((path) => TEXT.test(path))
    .map((path) => sourceFile(path, readFileSync(join(root, path), 'utf8')))
}

export function treeOf(sample: Sample): Tree {
  return Object.entries(sample).map(([path, text]) => sourceFile(path, text))
}

export function isCode(file: SourceFile): boolean {
  return /\.(ts|tsx|js)$/.test(file.path)
}

/** Tests and the conformance suite: what runs under node:test and is never shipped. */
export function isTest(file: SourceFile): boolean {
  return /\.test\.ts$|^test\/|\/conformance\//.test(file.path)
}

/**
 * Calls `visit` for every node, parents before children; `visit` may say "skip" to leave the
 * children out.
 */
export function walk(node: Node, visit: (node: Node) => 'skip' | undefined): void {
  if (visit(node) === 'skip') return
  for (const value of Object.values(node)) {
    const children: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const child of children) if (isNode(child)) walk(child, visit)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function* pathsUnder(root: string, folder: string): Generator<string> {
  if (!existsSync(join(root, folder))) return
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (FOREIGN.has(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* pathsUnder(root, path)
    else if (entry.isFile()) yield path
  }
}

function sourceFile(path: string, text: string): SourceFile {
  const lines = text.replace(/\n$/, '').split('\n')
  let parsed: ParseResult | undefined
  return {
    path,
    text,
    lines,
    lineAt: (offset) => text.slice(0, offset).split('\n').length,
    parse: () => (parsed ??= parseSync(path, text)),
  }
}
