// Random lives of a few keys, told by the store and by a model that is too simple to be wrong.
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { compareUtf8 } from '../../base/utf8-order.ts'
import type { ObjectStore, Versioning } from '../object-store.ts'
import { NULL_VERSION } from '../object-version.ts'
import { CHANGE, PLAIN } from './actions.ts'
import { bodyOf, readAll } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

const SEED = 20_261_120
const RUNS = 30

/** One version of a key; a marker has no content. */
type Entry = { readonly id: string; readonly content: string | undefined }

/** What should be in a bucket: of each key its versions, newest first. */
class ModelBucket {
  versioning: Versioning = 'unversioned'
  readonly #histories = new Map<string, readonly Entry[]>()

  of(key: string): readonly Entry[] {
    return this.#histories.get(key) ?? []
  }

  shown(key: string): string | undefined {
    return this.of(key)[0]?.content
  }

  add(key: string, entry: Entry): void {
    assert.equal(entry.id === NULL_VERSION, this.versioning !== 'enabled')
    const kept = this.of(key).filter(({ id }) => id !== NULL_VERSION || entry.id !== NULL_VERSION)
    this.#histories.set(key, [entry, ...kept])
  }

  remove(key: string, id: string): void {
    const kept = this.of(key).filter((entry) => entry.id !== id)
    this.#histories.set(key, kept)
  }

  entries(): readonly (readonly [key: string, entry: Entry])[] {
    const keys = [...this.#histories.keys()].toSorted(compareUtf8)
    return keys.flatMap((key) => this.of(key).map((entry) => [key, entry] as const))
  }
}

type Told = { readonly store: ObjectStore; readonly bucket: string; readonly model: ModelBucket }

/** What may happen to a key; `pick` chooses among its versions, or among other keys. */
type Step = {
  readonly kind: 'put' | 'copy' | 'delete' | 'remove' | 'enable' | 'suspend'
  readonly key: string
  readonly pick: number
}

const KEYS = ['a', 'a\0', 'a/b', '😀']

const aStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...(['put', 'put', 'put', 'copy', 'delete', 'remove', 'remove', 'enable', 'suspend'] as const),
  ),
  key: fc.constantFrom(...KEYS),
  pick: fc.nat(11),
})

async function take(step: Step, told: Told): Promise<void> {
  const { store, bucket, model } = told
  const name = { bucket, key: step.key }
  switch (step.kind) {
    case 'put': {
      const content = `${step.pick} `.repeat(step.pick % 4 === 0 ? 3000 : 1)
      const { versionId } = await store.objects.put(name, bodyOf(content), PLAIN)
      return model.add(step.key, { id: versionId, content })
    }
    case 'copy':
      return takeCopy(step, told)
    case 'delete':
      return takeDelete(step, told)
    case 'remove': {
      const entry = model.of(step.key)[step.pick]
      const versionId = entry?.id ?? 'nonsense'
      const outcome = await store.objects.delete({ ...name, versionId }, CHANGE)
      const deleteMarker = entry !== undefined && entry.content === undefined
      assert.deepEqual(outcome, { versionId, deleteMarker })
      return model.remove(step.key, versionId)
    }
    case 'enable':
    case 'suspend': {
      const versioning = step.kind === 'enable' ? 'enabled' : 'suspended'
      await store.buckets.update(bucket, { versioning }, CHANGE)
      model.versioning = versioning
    }
  }
}

async function takeCopy({ key, pick }: Step, { store, bucket, model }: Told): Promise<void> {
  const source = KEYS[pick % KEYS.length] ?? ''
  const content = model.shown(source)
  const copied = store.objects.copy({ bucket, key: source }, { bucket, key }, PLAIN)
  if (content === undefined) return assertRefused(copied, 'NoSuchKey')
  model.add(key, { id: (await copied).versionId, content })
}

async function takeDelete({ key }: Step, { store, bucket, model }: Told): Promise<void> {
  const { versionId, deleteMarker } = await store.objects.delete({ bucket, key }, CHANGE)
  assert.equal(deleteMarker, model.versioning !== 'unversioned')
  if (versionId === undefined) model.remove(key, NULL_VERSION)
  else model.add(key, { id: versionId, content: undefined })
}

async function assertAgrees({ store, bucket, model }: Told): Promise<void> {
  const { versions } = await store.objects.listVersions(bucket, { limit: 1000 })
  assert.deepEqual(
    versions.map(({ key, versionId, deleteMarker }) => [key, versionId, deleteMarker]),
    model.entries().map(([key, { id, content }]) => [key, id, content === undefined]),
  )
  const { objects } = await store.objects.list(bucket, { limit: 1000 })
  assert.deepEqual(
    objects.map(({ key, versionId }) => [key, versionId]),
    KEYS.toSorted(compareUtf8).flatMap((key) =>
      model.shown(key) === undefined ? [] : [[key, model.of(key)[0]?.id]],
    ),
  )
  for (const [key, { id, content }] of model.entries()) {
    if (content === undefined) continue
    const { bytes } = await store.objects.get({ bucket, key, versionId: id }, {})
    assert.equal((await readAll(bytes)).toString(), content)
  }
}

/** Removes all that is left, which must leave nothing. */
async function clear({ store, bucket, model }: Told): Promise<void> {
  for (const [key, { id }] of model.entries()) {
    await store.objects.delete({ bucket, key, versionId: id }, CHANGE)
  }
  await store.buckets.delete(bucket, CHANGE)
}

export const HISTORY_TRUTHS: Truths = {
  'random histories are what a simple model says they are': {
    needs: ['versions'],
    proof: async (store) => {
      let runs = 0
      const agrees = fc.asyncProperty(fc.array(aStep, { maxLength: 30 }), async (steps) => {
        const bucket = `run-${runs}`
        runs += 1
        await store.buckets.create(bucket, { ...CHANGE, owner: 'alice', objectLock: false })
        const told = { store, bucket, model: new ModelBucket() }
        for (const step of steps) await take(step, told)
        await assertAgrees(told)
        await clear(told)
      })
      await fc.assert(agrees, { seed: SEED, numRuns: RUNS })
    },
  },
}
