/** Who may import whom: the direction rules of ARCHITECTURE.md. */
import { at, importsOf } from './imports.ts'
import type { Import } from './imports.ts'
import { isCode, isTest } from './source-tree.ts'
import type { Rule, SourceFile, Tree } from './source-tree.ts'

/** From the top down: a layer knows only those after it. */
const LAYERS = ['cli', 'app', 'protocols', 'services', 'storage', 'tables', 'base']
/** Layers whose folders do not know each other, and the folder that all of them may know. */
const SIBLINGS: Readonly<Record<string, string | undefined>> = {
  protocols: 'http',
  services: undefined,
  storage: 'checked',
}
/** The folder that `Storage` itself is made of; no store or wrapper. */
const FACADE = 'checked'
/** The store that tests above storage use, and the suite that stores' tests run. */
const FOR_TESTS = new Set(['memory', 'conformance'])

const direction: Rule = {
  states: 'a file imports from its own layer or from a lower one',
  *find(tree) {
    for (const { file, found, from, to } of importsWithinSrc(tree)) {
      if (to === undefined) {
        yield at(file, found, `"${found.specifier}" leaves src: move what you need into src/base`)
      } else if (LAYERS.indexOf(to.layer) === -1) {
        yield at(file, found, `src/${to.layer} is no layer: ARCHITECTURE.md names the seven`)
      } else if (LAYERS.indexOf(to.layer) < LAYERS.indexOf(from.layer)) {
        const advice = `${from.layer} must not know ${to.layer}: take it as an argument, or move it down`
        yield at(file, found, advice)
      }
    }
  },
  broken: {
    'src/base/a.ts': "import { b } from '../storage/b.ts'",
    'src/storage/b.ts': "import type { C } from '../services/x/c.ts'",
    'src/services/x/c.ts': "export { d } from '../../protocols/s3/d.ts'",
    'src/protocols/s3/d.ts': "const e = await import('../../app/e.ts')",
    'src/app/e.ts': "type F = import('../cli/f.ts').F",
    'src/cli/f.ts': "import '../../test/g.ts'",
    'src/cli/h.ts': "import '../elsewhere/i.ts'",
  },
  sound: {
    'src/cli/a.ts': "import { b } from '../app/b.ts'\nimport { c } from './c.ts'",
    'src/storage/d.ts': "import { e } from '../base/e.ts'\nimport { readFile } from 'node:fs'",
  },
}

const siblings: Rule = {
  states: 'sibling folders of protocols, services and storage do not know each other',
  *find(tree) {
    for (const { file, found, from, to } of importsWithinSrc(tree)) {
      if (to === undefined || from.layer !== to.layer || !(from.layer in SIBLINGS)) continue
      const isFacade = from.layer === 'storage' && from.folder === undefined && to.folder === FACADE
      const allowed = to.folder === from.folder || to.folder === undefined || isFacade
      const known = to.folder === SIBLINGS[from.layer] && to.folder !== undefined
      const tested = isTest(file) && from.layer === 'storage' && FOR_TESTS.has(to.folder ?? '')
      if (allowed || known || tested) continue
      const advice = `${name(from)} and ${name(to)} are strangers: meet through Storage, the feed or an argument`
      yield at(file, found, advice)
    }
  },
  broken: {
    'src/services/access/a.ts': "import type { B } from '../delivery/b.ts'",
    'src/protocols/s3/a.ts': "import { b } from '../minio/b.ts'",
    'src/protocols/http/a.ts': "import { b } from '../s3/b.ts'",
    'src/storage/disk/a.ts': "import { b } from '../memory/b.ts'",
    'src/storage/disk/bodies/a.ts': "import { b } from '../../cache/b.ts'",
    'src/storage/a.ts': "import { b } from './memory/b.ts'",
  },
  sound: {
    'src/protocols/s3/a.ts': "import { b } from '../http/b.ts'",
    'src/storage/disk/bodies/a.ts': "import { b } from '../b.ts'\nimport { c } from '../../c.ts'",
    'src/storage/disk/a.test.ts': "import { b } from '../conformance/b.ts'",
    'src/storage/storage.ts': "import { b } from './checked/b.ts'",
    'src/storage/storage.test.ts': "import { b } from './memory/b.ts'",
  },
}

/** The store and the services, the protocols over them, and what a thread has of both. */
const COMPOSITION = /^src\/app\/compose(?:-protocols|-thread)?\.ts$/

const concrete: Rule = {
  states: 'only app/compose.ts names concrete stores and services',
  *find(tree) {
    for (const { file, found, from, to } of importsWithinSrc(tree)) {
      if (to?.folder === undefined || to.layer === from.layer) continue
      if (COMPOSITION.test(file.path)) continue
      const store = to.layer === 'storage' && !(isTest(file) && FOR_TESTS.has(to.folder))
      // A service's types, errors and pure functions are its words; what lives is handed in.
      const isAlive = !found.typeOnly && (found.names.length === 0 || found.names.some(makes))
      const service = to.layer === 'services' && isAlive && !isTest(file)
      if (store || service) {
        yield at(file, found, `take ${name(to)} as an argument; app/compose.ts hands it in`)
      }
    }
  },
  broken: {
    'src/app/app.ts': "import { openDiskStore } from '../storage/disk/disk-store.ts'",
    'src/cli/a.ts': "import type { DiskStore } from '../storage/disk/disk-store.ts'",
    'src/protocols/s3/b.ts': "import { createAccess } from '../../services/access/access.ts'",
    'src/protocols/s3/c.test.ts':
      "import { openDiskStore } from '../../storage/disk/disk-store.ts'",
  },
  sound: {
    'src/app/compose.ts': "import { openDiskStore } from '../storage/disk/disk-store.ts'",
    'src/app/app.ts': "import type { Access } from '../services/access/access.ts'",
    'src/protocols/s3/a.ts': "import { AccessError } from '../../services/access/access-error.ts'",
    'src/protocols/s3/b.ts': "import { parsePolicy } from '../../services/access/policy.ts'",
    'src/protocols/s3/a.test.ts':
      "import { memoryStore } from '../../storage/memory/memory-store.ts'",
  },
}

/** Whether a function makes something that lives, by the verb that it begins with. */
function makes(imported: string): boolean {
  return imported === '*' || /^(?:create|open|start)[A-Z]/.test(imported)
}

const cycles: Rule = {
  states: 'no file imports itself, however long the way round',
  *find(tree) {
    const files = new Map(tree.filter(isCode).map((file) => [file.path, file]))
    for (const file of files.values()) {
      const way = wayBack(file, files)
      if (way === undefined) continue
      const advice = `a cycle: ${[...way, file.path].join(' → ')}; move what both need to a third file`
      yield { path: file.path, line: 1, advice }
    }
  },
  broken: {
    'src/base/a.ts': "import { b } from './b.ts'",
    'src/base/b.ts': "import type { C } from './c.ts'",
    'src/base/c.ts': "import { a } from './a.ts'",
  },
  sound: {
    'src/base/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'",
    'src/base/b.ts': "import { c } from './c.ts'",
    'src/base/c.ts': 'export const c = 1',
  },
}

const consoleContract: Rule = {
  states: 'the console imports types from the admin contract, and nothing else of src',
  *find(tree) {
    for (const file of tree) {
      if (!file.path.startsWith('console/') || !isCode(file)) continue
      for (const found of importsOf(file)) {
        if (!found.target?.startsWith('src/')) continue
        if (found.target === 'src/protocols/admin/contract.ts' && found.typeOnly) continue
        yield at(file, found, 'put the type into protocols/admin/contract.ts and `import type` it')
      }
    }
  },
  broken: {
    'console/src/a.ts': "import { b } from '../../src/protocols/admin/contract.ts'",
    'console/src/b.ts': "import type { B } from '../../src/storage/b.ts'",
  },
  sound: {
    'console/src/a.ts': "import type { B } from '../../src/protocols/admin/contract.ts'",
    'console/src/b.ts': "import { a } from './a.ts'",
  },
}

export const LAYER_RULES: readonly Rule[] = [direction, siblings, concrete, cycles, consoleContract]

/** A place in src: its layer, and the folder within it unless it is a file at the layer's top. */
type Place = { readonly layer: string; readonly folder: string | undefined }

type Step = {
  readonly file: SourceFile
  readonly found: Import
  readonly from: Place
  /** Undefined for a relative import that leaves src. */
  readonly to: Place | undefined
}

function* importsWithinSrc(tree: Tree): Generator<Step> {
  for (const file of tree) {
    const from = placeOf(file.path)
    if (from === undefined || !isCode(file)) continue
    for (const found of importsOf(file)) {
      if (found.target !== undefined) yield { file, found, from, to: placeOf(found.target) }
    }
  }
}

function placeOf(path: string): Place | undefined {
  const [root, layer, ...rest] = path.split('/')
  if (root !== 'src' || layer === undefined) return undefined
  return { layer, folder: rest.length > 1 ? rest[0] : undefined }
}

function name(place: Place): string {
  return place.folder === undefined ? `the top of ${place.layer}` : `${place.layer}/${place.folder}`
}

/** The shortest way from a file back to itself. */
function wayBack(
  start: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
): readonly string[] | undefined {
  const seen = new Set<string>()
  let ways: (readonly string[])[] = [[start.path]]
  while (ways.length > 0) {
    const longer: (readonly string[])[] = []
    for (const way of ways) {
      for (const next of targetsOf(files.get(way.at(-1) ?? ''))) {
        if (next === start.path) return way
        if (seen.has(next)) continue
        seen.add(next)
        longer.push([...way, next])
      }
    }
    ways = longer
  }
  return undefined
}

function targetsOf(file: SourceFile | undefined): readonly string[] {
  if (file === undefined) return []
  return importsOf(file).flatMap((found) => found.target ?? [])
}
