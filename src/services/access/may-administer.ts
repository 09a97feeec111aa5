// Who may run the server itself. That is no business of S3's: buckets and lists have no say in it.
import { type Caller, DEFAULT_ACCOUNT_ID, principalArn } from './caller.ts'
import { deriveAccount } from './accounts.ts'
import { hearIdentity } from './opinions.ts'
import { withKnownKeys } from './question-keys.ts'
import type { ConditionKeys } from './question.ts'

export type AdministrationQuestion = {
  readonly caller: Caller
  /** E.g. `CreateUser`; policies call it `coffer:CreateUser`. */
  readonly operation: string
  readonly keys: ConditionKeys
}

/** What policies name the server by; nearly all will say `*`. */
const SERVER_ARN = `arn:aws:coffer::${DEFAULT_ACCOUNT_ID}:server`

/**
 * Is true for the root of the default account, and for its users whose policies allow the operation
 * and do not deny it. Other accounts have no part in the server.
 */
export function mayAdminister({ caller, operation, keys }: AdministrationQuestion): boolean {
  const { kind, account } = caller
  if (account !== DEFAULT_ACCOUNT_ID) return false
  const { canonicalId } = deriveAccount(account)
  const { effect } = hearIdentity(caller, {
    principal: { kind, account, canonicalId, arn: principalArn(caller) },
    action: `coffer:${operation}`,
    resource: SERVER_ARN,
    keys: withKnownKeys({ caller, keys }, { owner: account }),
  })
  return effect === 'allow'
}
