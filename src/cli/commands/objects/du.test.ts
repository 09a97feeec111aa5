import assert from 'node:assert/strict'
import test from 'node:test'
import type { ListedObject } from '../../s3/lists.ts'
import { sumUp } from './du.ts'

async function* listed(...keys: readonly string[]): AsyncGenerator<ListedObject> {
  for (const key of keys) yield { key, sizeBytes: 10, etag: '', modifiedAt: '' }
}

async function summed(depth: number): Promise<readonly (readonly unknown[])[]> {
  const usages: (readonly unknown[])[] = []
  const objects = listed('a', 'b/c', 'b/d/e', 'b/d/f/g', 'h/i')
  for await (const usage of sumUp(objects, { prefix: '', depth })) {
    usages.push([usage.prefix, usage.sizeBytes, usage.objects])
  }
  return usages
}

test('the sum is of everything, whatever the depth', async () => {
  assert.deepEqual(await summed(0), [['', 50, 5]])
  const [last] = (await summed(9)).slice(-1)
  assert.deepEqual(last, ['', 50, 5])
})

test('folders come before the one that they are in', async () => {
  assert.deepEqual(await summed(2), [
    ['b/d/', 20, 2],
    ['b/', 30, 3],
    ['h/', 10, 1],
    ['', 50, 5],
  ])
})
