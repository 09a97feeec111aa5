/**
 * The rules of ARCHITECTURE.md and STYLE.md that a machine can check. A failure lists every place with
 * what to do about it. A rule may be changed in a commit of its own that says why.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LAYER_RULES } from './tidy/layers.ts'
import { MODULE_RULES } from './tidy/modules.ts'
import { NAME_RULES } from './tidy/names.ts'
import { SIDE_EFFECT_RULES } from './tidy/side-effects.ts'
import { readTree, treeOf } from './tidy/source-tree.ts'
import type { Rule } from './tidy/source-tree.ts'

const RULES: readonly Rule[] = [
  ...LAYER_RULES,
  ...SIDE_EFFECT_RULES,
  ...MODULE_RULES,
  ...NAME_RULES,
]

const tree = readTree(`${import.meta.dirname}/..`)

for (const rule of RULES) {
  test(rule.states, () => {
    const findings = Array.from(rule.find(tree), (found) => {
      return `${found.path}:${found.line}: ${found.advice}`
    })
    assert.equal(findings.length, 0, `\n${findings.join('\n')}\n`)
  })

  test(`a breach is found: ${rule.states}`, () => {
    const found = new Set(Array.from(rule.find(treeOf(rule.broken)), ({ path }) => path))
    assert.deepEqual([...found].toSorted(), Object.keys(rule.broken).toSorted())
    assert.deepEqual([...rule.find(treeOf(rule.sound))], [])
  })
}
