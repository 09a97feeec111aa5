/**
 * Side effects have one address each: rule 4 of ARCHITECTURE.md, and rule 5 about the SDK and
 * statuses.
 */
import type { Node } from 'oxc-parser'
import { at, importsOf } from './imports.ts'
import { isCode, isTest, walk } from './source-tree.ts'
import type { Finding, Rule, SourceFile, Tree } from './source-tree.ts'

/** Modules that reach outside the process, and the only folders or files that may import them. */
const MODULE_ADDRESSES: readonly { readonly modules: RegExp; readonly at: readonly string[] }[] = [
  {
    modules: /^node:(https?|http2|net|tls|dgram|dns)(\/.*)?$|^undici$/,
    at: [
      'src/protocols/http/',
      'src/storage/remote/',
      'src/services/delivery/targets/',
      // The command line asks the server of a folder.
      'src/cli/running-server.ts',
      // Objects go to any S3 store, in streams, over connections that are kept.
      'src/cli/s3/send-request.ts',
    ],
  },
  {
    modules: /^node:(child_process|cluster)$/,
    at: ['src/services/pipelines/run-command.ts'],
  },
  {
    modules: /^node:fs(\/promises)?$/,
    at: ['src/storage/disk/', 'src/storage/cache/', 'src/tables/', 'src/app/', 'src/cli/'],
  },
]

/** Names of `node:crypto` that draw randomness. */
const RANDOM_NAMES = new Set([
  'randomBytes',
  'randomInt',
  'randomUUID',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
])

/** Expressions that are a side effect, and where they may stand. */
const EXPRESSION_ADDRESSES: readonly { readonly text: RegExp; readonly at: readonly string[] }[] = [
  { text: /^process\.env$/, at: ['src/app/config.ts'] },
  {
    text: /^process\.getBuiltinModule$/,
    at: ['src/protocols/http/', 'src/cli/running-server.ts', 'src/cli/s3/send-request.ts'],
  },
  { text: /^console\.\w+$/, at: ['src/cli/'] },
  { text: /^(fetch|WebSocket)$/, at: ['src/storage/remote/', 'src/services/delivery/targets/'] },
  { text: /^(Date\.now|new Date|performance\.now|process\.hrtime)$/, at: ['src/base/'] },
  { text: /^(process\.hrtime\.bigint|performance\.timeOrigin)$/, at: ['src/base/'] },
  { text: /^(globalThis\.)?(Math\.random|crypto\.(random|getRandom)\w+)$/, at: ['src/base/'] },
]

const modules: Rule = {
  states: 'network, files and child processes are reached only from their addresses',
  *find(tree) {
    for (const file of shipped(tree)) {
      for (const found of importsOf(file)) {
        if (found.typeOnly) continue
        const rule = MODULE_ADDRESSES.find((address) => address.modules.test(found.specifier))
        if (rule === undefined || isAt(file, rule.at)) continue
        yield at(file, found, `${found.specifier} belongs in ${rule.at.join(', ')}`)
      }
    }
  },
  broken: {
    'src/protocols/s3/a.ts': "import { createServer } from 'node:http'",
    'src/storage/memory/a.ts': "import { readFile } from 'node:fs/promises'",
    'src/services/access/a.ts': "import { spawn } from 'node:child_process'",
    'src/base/a.ts': "const { connect } = await import('node:net')",
  },
  sound: {
    'src/protocols/http/a.ts': "import { createServer } from 'node:http'",
    'src/protocols/s3/a.ts': "import type { IncomingMessage } from 'node:http'",
    'src/storage/disk/a.ts': "import { open } from 'node:fs/promises'",
    'src/base/a.test.ts': "import { readFileSync } from 'node:fs'",
  },
}

const expressions: Rule = {
  states: 'environment, console, clock and randomness are touched only at their addresses',
  *find(tree) {
    for (const file of shipped(tree)) {
      for (const { text, node } of effectsOf(file)) {
        const rule = EXPRESSION_ADDRESSES.find((address) => address.text.test(text))
        if (rule === undefined || isAt(file, rule.at)) continue
        const advice = `${text} belongs in ${rule.at.join(', ')}: take what you need as an argument`
        yield { path: file.path, line: file.lineAt(node.start), advice }
      }
      yield* randomImports(file)
    }
  },
  broken: {
    'src/app/app.ts': 'const port = process.env.PORT',
    'src/app/compose.ts': "console.log('here')",
    'src/storage/a.ts': 'const at = Date.now()',
    'src/storage/b.ts': 'const at = new Date()',
    'src/storage/c.ts': "import { randomUUID } from 'node:crypto'",
    'src/storage/d.ts': 'const id = crypto.randomUUID()',
    'src/storage/e.ts': 'const luck = Math.random()',
    'src/services/access/a.ts': "await fetch('http://127.0.0.1')",
    'src/storage/f.ts': "import { env } from 'node:process'",
    'src/storage/h.ts': "const { connect } = process.getBuiltinModule('node:net')",
    'src/storage/g.ts': "import { performance } from 'node:perf_hooks'",
  },
  sound: {
    'src/app/config.ts': 'const port = process.env.PORT',
    'src/cli/a.ts': "console.log('here')",
    'src/base/clock.ts': 'const at = Date.now()',
    'src/storage/a.ts': "const at = new Date(7)\nimport { createHash } from 'node:crypto'",
    'src/storage/b.ts': 'declare const batch: { fetch(): void }\nbatch.fetch()',
  },
}

const sdk: Rule = {
  states: 'no file of src knows an AWS SDK',
  *find(tree) {
    for (const file of tree) {
      if (!file.path.startsWith('src/') || !isCode(file)) continue
      for (const found of importsOf(file)) {
        if (!/^(@aws-sdk\/|@smithy\/|aws-sdk$)/.test(found.specifier)) continue
        yield at(file, found, 'the SDK is a test tool: use it in test/, or say it in our own types')
      }
    }
  },
  broken: {
    'src/storage/remote/a.ts': "import type { S3Client } from '@aws-sdk/client-s3'",
    'src/protocols/s3/a.test.ts': "import { S3Client } from '@aws-sdk/client-s3'",
  },
  sound: { 'test/s3/a.test.ts': "import { S3Client } from '@aws-sdk/client-s3'" },
}

/** Where statuses are read that others answered. */
const READS_STATUSES = ['src/protocols/', 'src/storage/remote/', 'src/services/delivery/targets/']

const statuses: Rule = {
  states: 'statuses of our answers exist only in protocols',
  *find(tree) {
    for (const file of shipped(tree)) {
      if (isAt(file, READS_STATUSES)) continue
      for (const node of statusesOf(file)) {
        const advice = 'throw an error with a code; each protocol maps codes to its own statuses'
        yield { path: file.path, line: file.lineAt(node.start), advice }
      }
    }
  },
  broken: {
    'src/storage/a.ts': 'export const refused = { code: 1, status: 403 }',
    'src/services/access/a.ts': 'export class A { readonly statusCode = 404 }',
    'src/app/a.ts': 'export function f(error: { httpStatus: number }) { error.httpStatus = 500 }',
  },
  sound: {
    'src/protocols/s3/a.ts': 'export const refused = { code: 1, status: 403 }',
    'src/storage/a.ts': "export const run = { status: 'done', limit: 404 }",
  },
}

export const SIDE_EFFECT_RULES: readonly Rule[] = [modules, expressions, sdk, statuses]

function shipped(tree: Tree): Tree {
  return tree.filter((file) => file.path.startsWith('src/') && isCode(file) && !isTest(file))
}

function isAt(file: SourceFile, addresses: readonly string[]): boolean {
  return addresses.some((address) => file.path.startsWith(address))
}

type Effect = { readonly text: string; readonly node: Node }

/** Member expressions by their text, bare calls by their name, and `new Date` without arguments. */
function effectsOf(file: SourceFile): readonly Effect[] {
  const effects: Effect[] = []
  walk(file.parse().program, (node) => {
    const text = effectText(node, file.text)
    if (text !== undefined) effects.push({ text, node })
    return undefined
  })
  return effects
}

function effectText(node: Node, source: string): string | undefined {
  if (node.type === 'MemberExpression') return source.slice(node.start, node.end)
  const isCall = node.type === 'CallExpression' || node.type === 'NewExpression'
  if (!isCall || node.callee.type !== 'Identifier') return undefined
  if (node.callee.name !== 'Date') return node.callee.name
  return node.type === 'NewExpression' && node.arguments.length === 0 ? 'new Date' : undefined
}

/** Imports that would hide a side effect behind a bare name. */
function* randomImports(file: SourceFile): Generator<Finding> {
  for (const found of importsOf(file)) {
    if (found.typeOnly || isAt(file, ['src/base/'])) continue
    if (/^node:(process|perf_hooks|console)$/.test(found.specifier)) {
      yield at(
        file,
        found,
        `${found.specifier} hides a side effect: use the global, at its address`,
      )
    }
    const random = found.names.filter((name) => RANDOM_NAMES.has(name))
    if (found.specifier !== 'node:crypto' || random.length === 0) continue
    yield at(
      file,
      found,
      `${random.join(', ')} belongs in src/base: take randomness as an argument`,
    )
  }
}

/** Places that give a `status` the value of a three-digit number. */
function statusesOf(file: SourceFile): readonly Node[] {
  const found: Node[] = []
  walk(file.parse().program, (node) => {
    if (isStatus(node, file.text)) found.push(node)
    return undefined
  })
  return found
}

function isStatus(node: Node, source: string): boolean {
  if (
    node.type !== 'Property' &&
    node.type !== 'PropertyDefinition' &&
    node.type !== 'AssignmentExpression'
  ) {
    return false
  }
  return /^(readonly )?([\w.]+\.)?(status|statusCode|httpStatus)\s*[:=]\s*[1-5]\d\d\b/.test(
    source.slice(node.start, node.end),
  )
}
