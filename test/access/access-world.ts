// Small worlds to ask in: one bucket, at most one object in it, and whoever asks.
import { type Grant, renderAcl } from '../../src/services/access/access-control-list.ts'
import { listAccounts } from '../../src/services/access/accounts.ts'
import {
  ACL_DOCUMENT,
  NO_PUBLIC_ACCESS_BLOCK,
  type ObjectOwnership,
  OWNERSHIP_DOCUMENT,
  POLICY_DOCUMENT,
  PUBLIC_ACCESS_DOCUMENT,
  type PublicAccessBlock,
  renderOwnership,
  renderPublicAccessBlock,
} from '../../src/services/access/bucket-access.ts'
import {
  ANONYMOUS,
  type Caller,
  type CallerKind,
  rootOf,
} from '../../src/services/access/caller.ts'
import { createDecide } from '../../src/services/access/decide.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import type { Decide } from '../../src/services/access/question.ts'
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts'
import type { ChangeOptions, NamedContent } from '../../src/storage/object-store.ts'
import { Storage } from '../../src/storage/storage.ts'

/** The account of the bucket, and two others. */
export const OWNER = '111111111111'
export const OTHER = '222222222222'
export const THIRD = '333333333333'

export const BUCKET = 'bucket'
export const KEY = 'key'

/** A statement as JSON. */
export type RawStatement = { readonly Effect: 'Allow' | 'Deny'; readonly [name: string]: unknown }

export type World = {
  readonly ownership?: ObjectOwnership
  readonly block?: Partial<PublicAccessBlock>
  /** The statements of the bucket's policy. */
  readonly policy?: readonly RawStatement[]
  readonly acl?: readonly Grant[]
  readonly object?: WorldObject
}

export type WorldObject = {
  readonly owner: string
  readonly acl?: readonly Grant[]
  readonly tags?: readonly (readonly [string, string])[]
}

export type Asker = {
  readonly kind: CallerKind
  readonly account: string
  /** The statements of its own policy. */
  readonly policy?: readonly RawStatement[]
}

/** The user of every account that has one. */
export const USER = 'alice'

export function callerOf({ kind, account, policy = [] }: Asker): Caller {
  if (kind === 'anonymous') return ANONYMOUS
  if (kind === 'root') return rootOf(account)
  const text = policyText(policy)
  const policies =
    policy.length === 0
      ? []
      : [{ source: 'policy own', policy: parsePolicy(text, { kind: 'identity' }) }]
  return { kind, account, identity: USER, tags: [], policies }
}

export function policyText(statements: readonly RawStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

const NOW: ChangeOptions = {
  origin: {
    account: OWNER,
    identity: 'root',
    requestId: '',
    sourceAddress: '',
    userAgent: '',
    ancestry: [],
  },
}

export type OpenWorld = { readonly storage: Storage; readonly decide: Decide }

export async function openWorld(world: World): Promise<OpenWorld> {
  const storage = new Storage(await openMemoryStore())
  await storage.buckets.create(BUCKET, {
    ...NOW,
    owner: OWNER,
    objectLock: false,
    documents: documentsOf(world),
  })
  if (world.object !== undefined) await putObject(storage, world.object)
  return { storage, decide: createDecide({ storage, accounts: listAccounts([]) }) }
}

function documentsOf({ ownership, block, policy, acl }: World): readonly NamedContent[] {
  const texts = {
    [OWNERSHIP_DOCUMENT]: ownership && renderOwnership(ownership),
    [PUBLIC_ACCESS_DOCUMENT]:
      block && renderPublicAccessBlock({ ...NO_PUBLIC_ACCESS_BLOCK, ...block }),
    [POLICY_DOCUMENT]: policy && policyText(policy),
    [ACL_DOCUMENT]: acl && renderAcl({ grants: acl }),
  }
  return Object.entries(texts).flatMap(([name, content]) =>
    content === undefined ? [] : [{ name, content }],
  )
}

async function putObject(storage: Storage, { owner, acl, tags = [] }: WorldObject): Promise<void> {
  const bytes = (async function* () {
    yield Buffer.from('text')
  })()
  await storage.objects.put(
    { bucket: BUCKET, key: KEY },
    { bytes, size: 4 },
    {
      ...NOW,
      owner,
      headers: {},
      metadata: [],
      tags,
      storageClass: 'STANDARD',
      ...(acl && { acl: renderAcl({ grants: acl }) }),
    },
  )
}
