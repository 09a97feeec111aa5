/** How files refer to each other and to packages: rule 6 of ARCHITECTURE.md. */
import { posix } from 'node:path'
import { at, importsOf } from './imports.ts'
import type { Import } from './imports.ts'
import { isCode, isTest } from './source-tree.ts'
import type { Finding, Rule, SourceFile, Tree } from './source-tree.ts'

const barrels: Rule = {
  states: 'no file passes on what another file exports',
  *find(tree) {
    for (const file of tree.filter(isCode)) {
      for (const found of importsOf(file).filter(({ reExported }) => reExported)) {
        yield at(file, found, 'no barrels: import it where it is defined')
      }
      yield* exportedImports(file)
    }
  },
  broken: {
    'src/base/a.ts': "export * from './b.ts'",
    'src/base/b.ts': "export type { C } from './c.ts'",
    'src/base/c.ts': "import { d } from './d.ts'\nexport { d }",
  },
  sound: {
    'src/base/a.ts':
      "import { d } from './d.ts'\nexport const e = d\nexport { f }\nfunction f() {}",
  },
}

const specifiers: Rule = {
  states: 'imports name the file with its extension, a `node:` module, or a listed package',
  *find(tree) {
    const listed = packagesOf(tree)
    for (const file of tree.filter(isCode)) {
      if (file.path.startsWith('console/')) continue
      for (const found of importsOf(file)) {
        const advice = adviceOn(found, { file, listed })
        if (advice !== undefined) yield at(file, found, advice)
      }
    }
  },
  broken: {
    'src/base/a.ts': "import { b } from './b'",
    'src/base/b.ts': "import { c } from '#base/c.ts'",
    'src/base/c.ts': "import { readFile } from 'fs/promises'",
    'src/base/d.ts': "import { only } from 'for-tests'",
    'src/base/e.ts': "import { f } from '/src/base/f.ts'",
    'src/base/f.ts': "import { g } from './g.js'",
  },
  sound: {
    'package.json': '{"dependencies":{"@scope/pkg":"1"},"devDependencies":{"for-tests":"1"}}',
    'src/base/a.ts': "import { b } from './b.ts'\nimport c from '@scope/pkg/c'\nimport 'node:fs'",
    'src/base/a.test.ts': "import { only } from 'for-tests'",
    'src/base/b.ts': "import './plain.js'",
    'src/base/plain.js': '',
  },
}

const aliases: Rule = {
  states: 'there are no path aliases',
  *find(tree) {
    for (const file of tree) {
      const isConfig = /^(tsconfig[\w.]*|package)\.json$/.test(file.path)
      if (!isConfig || !/"(paths|baseUrl|imports)"\s*:/.test(file.text)) continue
      yield { path: file.path, line: 1, advice: 'no paths, baseUrl or imports: use relative paths' }
    }
  },
  broken: {
    'tsconfig.json': '{"compilerOptions":{"paths":{"@/*":["src/*"]}}}',
    'package.json': '{"imports":{"#a":"./a.js"}}',
  },
  sound: { 'tsconfig.json': '{"include":["src"]}' },
}

export const MODULE_RULES: readonly Rule[] = [barrels, specifiers, aliases]

/** `import { a } …; export { a }`: a barrel in two lines. */
function* exportedImports(file: SourceFile): Generator<Finding> {
  const { staticImports, staticExports } = file.parse().module
  const imported = new Set(
    staticImports.flatMap((found) => found.entries.map((entry) => entry.localName.value)),
  )
  for (const found of staticExports) {
    for (const { localName, moduleRequest } of found.entries) {
      if (moduleRequest !== null || !imported.has(localName.name ?? '')) continue
      const advice = `no barrels: let others import "${localName.name}" where it is defined`
      yield { path: file.path, line: file.lineAt(found.start), advice }
    }
  }
}

type Packages = { readonly shipped: ReadonlySet<string>; readonly all: ReadonlySet<string> }

function packagesOf(tree: Tree): Packages {
  const text = tree.find((file) => file.path === 'package.json')?.text ?? '{}'
  const manifest: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(text)
  const shipped = Object.keys(manifest['dependencies'] ?? {})
  const forUs = Object.keys(manifest['devDependencies'] ?? {})
  return { shipped: new Set(shipped), all: new Set([...shipped, ...forUs]) }
}

function adviceOn(
  found: Import,
  { file, listed }: { readonly file: SourceFile; readonly listed: Packages },
): string | undefined {
  const { specifier, target } = found
  if (target !== undefined) return adviceOnRelative(file, target)
  if (specifier.startsWith('node:')) return undefined
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  const shipped = file.path.startsWith('src/') && !isTest(file) && !found.typeOnly
  if ((shipped ? listed.shipped : listed.all).has(name)) return undefined
  return `"${name}" is no ${shipped ? 'dependency' : 'package'} of ours; builtins begin with "node:"`
}

const BY_HAND = new Set(['node-version.js', 'code-cache.js', 'plain.js'])

/** A `.js` is named only where it is written by hand: what the entry loads before anything. */
function adviceOnRelative(file: SourceFile, target: string): string | undefined {
  if (/\.(ts|tsx|json|css)$/.test(target)) return undefined
  if (BY_HAND.has(posix.basename(target))) return undefined
  return `name the file as it is: ${posix.basename(file.path)} imports "${target}" without ".ts"`
}
