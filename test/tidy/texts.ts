/** What holds for every text of ours, Markdown above all. */
import { posix } from 'node:path'
import type { Finding, Rule, SourceFile, Tree } from './source-tree.ts'

const links: Rule = {
  states: 'every relative link leads somewhere',
  *find(tree) {
    for (const file of tree) {
      if (!file.path.endsWith('.md')) continue
      for (const [index, line] of file.lines.entries()) {
        for (const [, target = ''] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
          if (/^[a-z]+:/.test(target) || isThere(target, { from: file, tree })) continue
          yield { path: file.path, line: index + 1, advice: `"${target}" is not there` }
        }
      }
    }
  },
  broken: {
    'README.md': 'See [this](docs/missing.md).',
    'docs/a.md': 'See [that](../README.md#no-such-heading).',
    'docs/b.md': 'See [below](#nowhere).',
  },
  sound: {
    'README.md': '# The `Life` of a PUT\n[a](docs/a.md), [docs](docs), [b](https://example.org/x)',
    'docs/a.md': '[up](../README.md#the-life-of-a-put)',
  },
}

/** Homes of people and machines, in parts so that this file is no finding. */
const MACHINE_PATH = new RegExp(
  `(^|[\\s"'\`(=:])/(${['home', 'root', 'work', 'Users'].join('|')})/\\w`,
)

const machines: Rule = {
  states: 'no file names a path of somebody’s machine',
  *find(tree) {
    for (const file of tree) {
      for (const [index, line] of file.lines.entries()) {
        if (!MACHINE_PATH.test(line)) continue
        yield { path: file.path, line: index + 1, advice: 'say it relative to the repository' }
      }
    }
  },
  broken: {
    'docs/a.md': ['It lies in `', 'home', 'me`.'].join('/'),
    '.ci/run': ['cd ', 'work', 'main'].join('/'),
  },
  sound: { 'docs/a.md': 'It lies in `/var/lib/coffer`; see `docs/home/a.md`.' },
}

const registry: Rule = {
  states: 'the lock file names no registry, and every package has its integrity',
  *find(tree) {
    const lock = tree.find(({ path }) => path === 'package-lock.json')
    if (lock === undefined) return
    for (const [index, line] of lock.lines.entries()) {
      if (!line.includes('"resolved"')) continue
      const advice = 'write it with `npm install --omit-lockfile-registry-resolved`'
      yield { path: lock.path, line: index + 1, advice }
    }
    yield* lockedPackages(lock)
  },
  broken: {
    'package-lock.json': '{"packages":{"node_modules/a":{"version":"1.0.0"}}}',
  },
  sound: {
    'package-lock.json':
      '{"packages":{"":{"version":"1"},"node_modules/a":{"version":"1.0.0","integrity":"sha512-"}}}',
  },
}

const pinned: Rule = {
  states: 'packages are pinned, and ARCHITECTURE.md says why the program needs its own',
  *find(tree) {
    const manifest = tree.find(({ path }) => path === 'package.json')
    const architecture = tree.find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? ''
    for (const [name, version] of manifest === undefined ? [] : dependenciesOf(manifest)) {
      const line = (manifest?.lines.findIndex((text) => text.includes(`"${name}"`)) ?? 0) + 1
      if (!/^\d+\.\d+\.\d+$/.test(version)) {
        yield { path: 'package.json', line, advice: `pin ${name} to one version` }
      }
      if (isShipped(manifest, name) && !architecture.includes(name)) {
        yield { path: 'package.json', line, advice: `why ${name}? Say it in ARCHITECTURE.md` }
      }
    }
  },
  broken: { 'package.json': '{"dependencies":{"a":"^1.0.0"}}' },
  sound: {
    'package.json': '{"dependencies":{"a":"1.0.0"},"devDependencies":{"b":"2.0.0"}}',
    'ARCHITECTURE.md': '`a` because of b; `b` because of a',
  },
}

const DECISIONS = 'docs/decisions/'

const decisions: Rule = {
  states: 'every decision record is in the list of records',
  *find(tree) {
    const list = tree.find(({ path }) => path === `${DECISIONS}README.md`)?.text ?? ''
    for (const { path } of tree) {
      const name = posix.basename(path)
      const isRecord = path.startsWith(DECISIONS) && name !== 'README.md'
      if (!isRecord || list.includes(`](${name})`)) continue
      yield { path, line: 1, advice: `give it a line in ${DECISIONS}README.md` }
    }
  },
  broken: { 'docs/decisions/0001-a.md': '' },
  sound: {
    'docs/decisions/README.md': '| [0001](0001-a.md) | A is so. |',
    'docs/decisions/0001-a.md': '',
  },
}

export const TEXT_RULES: readonly Rule[] = [links, machines, registry, pinned, decisions]

function isThere(
  target: string,
  { from, tree }: { readonly from: SourceFile; readonly tree: Tree },
): boolean {
  const [path = '', anchor] = target.split('#')
  const wanted = path === '' ? from.path : posix.join(posix.dirname(from.path), path)
  const file = tree.find(({ path: one }) => one === wanted.replace(/\/$/, ''))
  if (file === undefined) return tree.some(({ path: one }) => one.startsWith(`${wanted}/`))
  return anchor === undefined || headingsOf(file).includes(anchor)
}

/** Headings as the anchors that GitHub makes of them. */
function headingsOf(file: SourceFile): readonly string[] {
  return file.lines
    .filter((line) => /^#+ /.test(line))
    .map((line) => line.replace(/^#+ /, '').toLowerCase())
    .map((heading) => heading.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-'))
}

type Locked = { readonly integrity?: string }

function* lockedPackages(lock: SourceFile): Generator<Finding> {
  const { packages }: { packages: Readonly<Record<string, Locked>> } = JSON.parse(lock.text)
  for (const [name, { integrity }] of Object.entries(packages)) {
    if (name === '' || integrity !== undefined) continue
    const line = lock.lines.findIndex((text) => text.includes(`"${name}"`)) + 1
    yield { path: lock.path, line, advice: `${name} has no integrity` }
  }
}

function isShipped(manifest: SourceFile | undefined, name: string): boolean {
  return manifest !== undefined && name in (fieldsOf(manifest)['dependencies'] ?? {})
}

function dependenciesOf(manifest: SourceFile): readonly (readonly [string, string])[] {
  const fields = fieldsOf(manifest)
  return ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((field) =>
    Object.entries(fields[field] ?? {}),
  )
}

type Fields = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>

function fieldsOf(manifest: SourceFile): Fields {
  const fields: Fields = JSON.parse(manifest.text)
  return fields
}
