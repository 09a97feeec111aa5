// The condition keys that a question knows by itself: of its caller, of its bucket's owner, and
// of the tags of its object.
import type { Pairs } from '../../storage/object-version.ts'
import { type Caller, principalArn } from './caller.ts'
import type { PolicyDocument } from './policy/policy-document.ts'
import type { AccessQuestion, ConditionKeys } from './question.ts'

type Known = {
  /** The account that owns the bucket, whoever owns the object. */
  readonly owner: string
  /** Of the object, where a policy asks for them. */
  readonly tags?: Pairs
}

/** @see IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, S3 */
export function withKnownKeys(
  { caller, keys }: Pick<AccessQuestion, 'caller' | 'keys'>,
  { owner, tags = [] }: Known,
): ConditionKeys {
  return new Map([
    ...(typeof keys === 'function' ? keys() : keys),
    ...callerKeys(caller),
    ['aws:resourceaccount', [owner]],
    ['s3:resourceaccount', [owner]],
    ...tagKeys('s3:existingobjecttag', tags),
  ])
}

const PRINCIPAL_TYPES = { root: 'Account', user: 'User', anonymous: 'Anonymous' } as const

type Entry = readonly [key: string, values: readonly string[]]

function callerKeys(caller: Caller): readonly Entry[] {
  const { kind, account, identity, tags } = caller
  const arn = principalArn(caller)
  return [
    ['aws:principaltype', [PRINCIPAL_TYPES[kind]]],
    ['aws:userid', [kind === 'root' ? account : identity]],
    // Nothing here acts for AWS. Policies from there ask all the same.
    ['aws:principalisawsservice', ['false']],
    ['aws:viaawsservice', ['false']],
    ...(arn === undefined ? [] : signedKeys(account, arn)),
    ...(kind === 'user' ? [['aws:username', [identity]] as const] : []),
    ...tagKeys('aws:principaltag', tags),
  ]
}

function signedKeys(account: string, arn: string): readonly Entry[] {
  return [
    ['aws:principalaccount', [account]],
    ['aws:principalarn', [arn]],
  ]
}

/** Names of keys ignore case, and so the names of tags in them. */
function tagKeys(prefix: string, tags: Pairs): readonly Entry[] {
  return tags.map(([name, value]) => [`${prefix}/${name.toLowerCase()}`, [value]] as const)
}

/** Whether a policy looks at the tags of the object, in a condition or by a variable. */
export function asksForObjectTags(policy: PolicyDocument): boolean {
  const known = askingPolicies.get(policy)
  if (known !== undefined) return known
  const asks = JSON.stringify(policy).toLowerCase().includes('s3:existingobjecttag/')
  askingPolicies.set(policy, asks)
  return asks
}

const askingPolicies = new WeakMap<PolicyDocument, boolean>()
