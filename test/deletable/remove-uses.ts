/** A file of code without what stands on certain other files: the one meaning of "its lines". */
import { parseSync } from 'oxc-parser'
import type { Node } from 'oxc-parser'
import { walk } from '../tidy/source-tree.ts'

/** Stretches of a text, half open. */
type Stretch = { readonly start: number; readonly end: number }

/**
 * Takes out the imports of files that are gone, and whatever names something that was imported from
 * them, or loads one by `import()`: the outermost element of an array or property of an object in
 * which that stands, or else the statement. What such a statement declares is gone too.
 */
export function removeUses(text: string, isGone: (specifier: string) => boolean): string {
  const { program } = parseSync('file.ts', text)
  const names = new Set<string>()
  const cuts: Stretch[] = []
  const isName = (node: Node): boolean => node.type === 'Identifier' && names.has(node.name)
  const isLoad = (node: Node): boolean => {
    return node.type === 'ImportExpression' && isGone(specifierOf(node.source))
  }
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration' || !isGone(statement.source.value)) continue
    cuts.push(statement)
    for (const { local } of statement.specifiers) names.add(local.name)
  }
  let known: number
  do {
    known = names.size
    for (const cut of placesOf(program, (node) => isName(node) || isLoad(node))) {
      cuts.push(cut)
      for (const name of declaredBy(cut)) names.add(name)
    }
  } while (names.size > known)
  return without(text, cuts)
}

function specifierOf(source: Node): string {
  return source.type === 'Literal' ? String(source.value) : ''
}

/** What falls with each place where something that is gone is used. */
function placesOf(program: Node, isUse: (node: Node) => boolean): readonly Node[] {
  const found: Node[] = []
  const descend = (node: Node, around: { statement: Node; element?: Node }): void => {
    if (node.type === 'ImportDeclaration') return
    if (isUse(node)) {
      found.push(around.element ?? around.statement)
      return
    }
    for (const child of namingChildren(node)) {
      if (isStatement(child)) descend(child, { statement: child })
      else if (around.element === undefined && isList(node)) {
        descend(child, { ...around, element: child })
      } else descend(child, around)
    }
  }
  descend(program, { statement: program })
  return found
}

/** The children of a node, but for words that name a property and not a value. */
function namingChildren(node: Node): readonly Node[] {
  const children: Node[] = []
  walk(node, (child) => {
    if (child === node) return undefined
    const isKey = node.type === 'Property' && !node.shorthand && child === node.key
    const isMember = node.type === 'MemberExpression' && !node.computed && child === node.property
    if (!isKey && !isMember) children.push(child)
    return 'skip'
  })
  return children
}

function isStatement({ type }: Node): boolean {
  return /(Statement|Declaration)$/.test(type) && type !== 'BlockStatement'
}

/** Whether one of its children can go and leave the others standing. */
function isList({ type }: Node): boolean {
  return /^(ArrayExpression|ObjectExpression|TSTypeLiteral|TSInterfaceBody)$/.test(type)
}

function declaredBy(node: Node): readonly string[] {
  const names: string[] = []
  walk(node, (child) => {
    if (child.type === 'FunctionDeclaration' && child.id !== null) names.push(child.id.name)
    if (child.type === 'VariableDeclarator' && child.id.type === 'Identifier') {
      names.push(child.id.name)
    }
    return child === node || /Export|VariableDecl/.test(child.type) ? undefined : 'skip'
  })
  return names
}

function without(text: string, cuts: readonly Stretch[]): string {
  const outermost = new Map<number, Stretch>()
  for (const cut of cuts) {
    if (!cuts.some((other) => liesWithin(cut, other))) outermost.set(cut.start, cut)
  }
  let left = text
  for (const { start, end } of [...outermost.values()].toSorted((a, b) => b.start - a.start)) {
    left = left.slice(0, start) + left.slice(end).replace(/^\s*,/, '')
  }
  return left
}

function liesWithin(inner: Stretch, outer: Stretch): boolean {
  const isSmaller = inner.end - inner.start < outer.end - outer.start
  return isSmaller && inner.start >= outer.start && inner.end <= outer.end
}
