// The four kinds of write, drafted: one alone makes a commit, and `commits.commit` drafts many.
import type { BodyDigest } from '../body.ts'
import { assertCopyCondition } from '../condition.ts'
import { versionOfBody, versionOfCopy } from '../new-version.ts'
import type { DeleteOutcome, Write } from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { requireObject } from '../read-plan.ts'
import { planDelete, planPut, planUpdate, planVersionDelete } from '../write-plan.ts'
import type { Pieces } from './memory-body.ts'
import { findVersion, type Draft, type StoredVersion } from './memory-state.ts'

type WriteOf<Kind extends Write['kind']> = Omit<Extract<Write, { kind: Kind }>, 'kind' | 'body'>

export type ReceivedBody = { readonly pieces: Pieces; readonly digest: BodyDigest }

export function draftPut(
  draft: Draft,
  { name, options }: WriteOf<'put'>,
  received: ReceivedBody,
): ObjectVersion {
  const stamp = draft.stamp()
  const plan = planPut(draft.keyState(name), versionOfBody(name, received.digest, options), {
    stamp,
    operation: options.operation ?? 'Put',
    condition: options.condition,
  })
  return draft.carryOut(name, plan, { stamp, content: { pieces: received.pieces, parts: [] } })
}

export function draftCopy(draft: Draft, { source, name, options }: WriteOf<'copy'>): ObjectVersion {
  const found = findVersion(draft.history(source), source.versionId)
  const copied = requireObject(source, found?.entry)
  assertCopyCondition(source.condition, copied)
  const stamp = draft.stamp()
  const plan = planPut(draft.keyState(name), versionOfCopy(copied, name, options), {
    stamp,
    operation: 'Copy',
    condition: options.condition,
  })
  return draft.carryOut(name, plan, { stamp, ...contentOf(found) })
}

export function draftUpdate(
  draft: Draft,
  { name, change, options }: WriteOf<'update'>,
): ObjectVersion {
  const found = findVersion(draft.history(name), name.versionId)
  const target = requireObject(name, found?.entry)
  const stamp = draft.stamp()
  const plan = planUpdate(draft.bucket(name.bucket), target, {
    change,
    now: stamp.at,
    bypassGovernance: options.bypassGovernance,
  })
  return draft.carryOut(name, plan, { stamp })
}

export function draftDelete(draft: Draft, { name, options }: WriteOf<'delete'>): DeleteOutcome {
  const state = draft.keyState(name)
  const { condition, bypassGovernance } = options
  const stamp = draft.stamp()
  const planOptions = { stamp, condition, bypassGovernance }
  const { bucket, key, versionId } = name
  const plan =
    versionId === undefined
      ? planDelete(state, { bucket, key, owner: state.bucket.owner }, planOptions)
      : planVersionDelete(
          findVersion(draft.history(name), versionId)?.entry,
          { bucket, key, versionId },
          planOptions,
        )
  return draft.carryOut(name, plan, { stamp })
}

function contentOf(found: StoredVersion | undefined): Partial<Pick<StoredVersion, 'content'>> {
  return found === undefined ? {} : { content: found.content }
}
