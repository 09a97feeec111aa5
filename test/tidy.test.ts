/**
 * The rules of ARCHITECTURE.md and STYLE.md that a machine can check. A failure lists every place
 * with what to do about it. A rule may be changed in a commit of its own that says why.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DOCSTRING_RULES } from './tidy/docstrings.ts'
import { DOCUMENTS } from './tidy/documents.ts'
import { LAYER_RULES } from './tidy/layers.ts'
import { MODULE_RULES } from './tidy/modules.ts'
import { NAME_RULES } from './tidy/names.ts'
import { SIDE_EFFECT_RULES } from './tidy/side-effects.ts'
import { SIZE_RULES } from './tidy/sizes.ts'
import { readTree, treeOf } from './tidy/source-tree.ts'
import type { Rule } from './tidy/source-tree.ts'
import { TEST_RULES } from './tidy/tests.ts'
import { TEXT_RULES } from './tidy/texts.ts'

const RULES: readonly Rule[] = [
  ...LAYER_RULES,
  ...SIDE_EFFECT_RULES,
  ...MODULE_RULES,
  ...NAME_RULES,
  ...SIZE_RULES,
  ...DOCSTRING_RULES,
  ...TEST_RULES,
  ...TEXT_RULES,
]

const root = join(import.meta.dirname, '..')
const tree = readTree(root)

for (const rule of RULES) {
  test(rule.states, () => {
    const findings = Array.from(rule.find(tree), (found) => {
      return `${found.path}:${found.line}: ${found.advice}`
    })
    if (findings.length > 0) assert.fail(`\n${findings.join('\n')}\n`)
  })

  test(`a breach is found: ${rule.states}`, () => {
    const found = new Set(Array.from(rule.find(treeOf(rule.broken)), ({ path }) => path))
    assert.deepEqual([...found].toSorted(), Object.keys(rule.broken).toSorted())
    assert.deepEqual([...rule.find(treeOf(rule.sound))], [])
  })
}

for (const { path, render } of DOCUMENTS) {
  test(`${path} is what \`npm run docs\` writes`, async () => {
    assert.equal(readFileSync(join(root, path), 'utf8'), await render())
  })
}
