/** What a file imports, in every form the language has for it. */
import { posix } from 'node:path'
import { walk } from './source-tree.ts'
import type { Finding, SourceFile } from './source-tree.ts'

export type Import = {
  readonly specifier: string
  /** The path from the root that a relative specifier means; undefined for packages and `node:`. */
  readonly target: string | undefined
  /** Nothing of it is left when types are stripped. */
  readonly typeOnly: boolean
  /** `export … from`. */
  readonly reExported: boolean
  readonly names: readonly string[]
  readonly line: number
}

const known = new WeakMap<SourceFile, readonly Import[]>()

export function importsOf(file: SourceFile): readonly Import[] {
  const imports = known.get(file) ?? [
    ...staticImports(file),
    ...reExports(file),
    ...dynamicImports(file),
  ]
  known.set(file, imports)
  return imports
}

/** A finding at an import. */
export function at(file: SourceFile, found: Import, advice: string): Finding {
  return { path: file.path, line: found.line, advice }
}

function* staticImports(file: SourceFile): Generator<Import> {
  for (const found of file.parse().module.staticImports) {
    const typeOnly = found.entries.length > 0 && found.entries.every((entry) => entry.isType)
    const names = found.entries.map((entry) => entry.importName.name ?? '*')
    yield { ...named(file, found.moduleRequest.value, found.start), typeOnly, names }
  }
}

function* reExports(file: SourceFile): Generator<Import> {
  for (const found of file.parse().module.staticExports) {
    for (const entry of found.entries) {
      if (entry.moduleRequest === null) continue
      const place = named(file, entry.moduleRequest.value, found.start)
      yield { ...place, typeOnly: entry.isType, reExported: true }
    }
  }
}

/** `await import('…')`, and `import('…')` as a type. */
function* dynamicImports(file: SourceFile): Generator<Import> {
  const found: Import[] = []
  walk(file.parse().program, (node) => {
    if (node.type === 'ImportExpression' || node.type === 'TSImportType') {
      const specifier = node.source.type === 'Literal' ? String(node.source.value) : '?'
      const typeOnly = node.type === 'TSImportType'
      found.push({ ...named(file, specifier, node.start), typeOnly })
    }
    return undefined
  })
  yield* found
}

function named(file: SourceFile, specifier: string, offset: number): Import {
  const target = specifier.startsWith('.')
    ? posix.join(posix.dirname(file.path), specifier)
    : undefined
  const line = file.lineAt(offset)
  return { specifier, target, typeOnly: false, reExported: false, names: [], line }
}
