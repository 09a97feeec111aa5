/** What makes a test worth having. */
import type { Node } from 'oxc-parser'
import { isCode, isTest, walk } from './source-tree.ts'
import type { Rule } from './source-tree.ts'

const beside: Rule = {
  states: 'foo.test.ts stands beside foo.ts',
  *find(tree) {
    const paths = new Set(tree.map((file) => file.path))
    for (const { path } of tree) {
      if (!path.startsWith('src/') || !path.endsWith('.test.ts')) continue
      if (paths.has(path.replace('.test.ts', '.ts'))) continue
      yield { path, line: 1, advice: 'name it after the file that it tests, and put it there' }
    }
  },
  broken: { 'src/base/a.test.ts': '' },
  sound: { 'src/base/a.test.ts': '', 'src/base/a.ts': '', 'test/s3/b.test.ts': '' },
}

const skips: Rule = {
  states: 'a test that is skipped says why, and none runs alone',
  *find(tree) {
    for (const file of tree) {
      if (!isTest(file) || !isCode(file)) continue
      const nodes: Node[] = []
      walk(file.parse().program, (node) => {
        if (isSilentSkip(node, file.text)) nodes.push(node)
        return undefined
      })
      const advice = 'give `skip` a reason as its value; `only` and `todo` do not belong here'
      yield* nodes.map((node) => ({ path: file.path, line: file.lineAt(node.start), advice }))
    }
  },
  broken: {
    'test/a.test.ts': "test.skip('a', () => {})",
    'test/b.test.ts': "test('b', { skip: true }, () => {})",
    'test/c.test.ts': "test('c', (context) => { context.skip() })",
    'test/d.test.ts': "describe.only('d', () => {})",
    'test/e.test.ts': "test('e', { only: true }, () => {})",
  },
  sound: {
    'test/a.test.ts': "test('a', { skip: root ? 'root may read everything' : false }, () => {})",
    'test/b.test.ts': "test('b', (context) => { context.skip('there is no /dev/fuse') })",
  },
}

export const TEST_RULES: readonly Rule[] = [beside, skips]

function isSilentSkip(node: Node, source: string): boolean {
  if (node.type === 'Property') {
    return /^(skip|only|todo): true$/.test(source.slice(node.start, node.end))
  }
  if (node.type !== 'CallExpression') return false
  const callee = source.slice(node.callee.start, node.callee.end)
  if (/^(test|it|suite|describe)\.(skip|only|todo)$/.test(callee)) return true
  return /^(t|context)\.(skip|todo)$/.test(callee) && node.arguments.length === 0
}
