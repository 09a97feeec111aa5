import { assertMeant } from '../write-plan.ts'
import type { ChangeOptions } from '../object-store.ts'
import { findBucket } from './catalog/catalog.ts'
import type { Committer } from './catalog/committer.ts'
import type { Draft } from './catalog/draft.ts'

type By = Pick<ChangeOptions, 'origin' | 'meantFor'>

/** A change that somebody asked for is durable. @throws StorageError `NoSuchBucket`, as `commit` */
export function commitChange<Result>(
  { committer }: { readonly committer: Committer },
  { origin, meantFor }: By,
  decide: (draft: Draft) => Result,
): Promise<Result> {
  return committer.commit(origin, (draft) => {
    assertMeantIn(draft, meantFor)
    return decide(draft)
  })
}

export function assertMeantIn({ tables }: Draft, meantFor: ChangeOptions['meantFor']): void {
  assertMeant(meantFor, (name) => findBucket(tables, name))
}
