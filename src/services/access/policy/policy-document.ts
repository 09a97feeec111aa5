// Policies in AWS's JSON language, parsed and checked; what they mean is in evaluate-policy.ts.

/** A policy as `parsePolicy` gives it: checked, and every list a list. */
export type PolicyDocument = {
  /** Variables such as `${aws:username}` came with 2012-10-17; before they are text. */
  readonly version: '2012-10-17' | '2008-10-17'
  readonly id?: string
  readonly statements: readonly PolicyStatement[]
}

export type PolicyStatement = {
  readonly sid?: string
  readonly effect: 'Allow' | 'Deny'
  /** Present in the policies of buckets only. */
  readonly principals?: PrincipalList
  readonly actions: PatternList
  readonly resources: PatternList
  readonly conditions: readonly PolicyCondition[]
}

/** `NotAction` and `NotResource` match all that is not listed. */
export type PatternList = { readonly negated: boolean; readonly patterns: readonly string[] }

export type PrincipalList = { readonly negated: boolean; readonly principals: readonly Principal[] }

export type Principal =
  | { readonly kind: 'anyone' }
  /** By its twelve digits or its root's ARN. */
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'canonical-user'; readonly canonicalId: string }
  /** The ARN of a user, a role or whatever else AWS has; those that nobody has match nobody. */
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'service' | 'federated'; readonly name: string }

/** One operator with one key: all conditions must hold, of a key's values any. */
export type PolicyCondition = {
  readonly operator: ConditionOperator
  /** `ForAllValues:` or `ForAnyValue:`. */
  readonly quantifier?: 'all' | 'any'
  /** `…IfExists`. */
  readonly ifExists: boolean
  /** In lower case. */
  readonly key: string
  readonly values: readonly string[]
}

/** What they do is in condition-operators.ts. */
export type ConditionOperator =
  | 'StringEquals'
  | 'StringNotEquals'
  | 'StringEqualsIgnoreCase'
  | 'StringNotEqualsIgnoreCase'
  | 'StringLike'
  | 'StringNotLike'
  | 'NumericEquals'
  | 'NumericNotEquals'
  | 'NumericLessThan'
  | 'NumericLessThanEquals'
  | 'NumericGreaterThan'
  | 'NumericGreaterThanEquals'
  | 'DateEquals'
  | 'DateNotEquals'
  | 'DateLessThan'
  | 'DateLessThanEquals'
  | 'DateGreaterThan'
  | 'DateGreaterThanEquals'
  | 'Bool'
  | 'BinaryEquals'
  | 'IpAddress'
  | 'NotIpAddress'
  | 'ArnEquals'
  | 'ArnLike'
  | 'ArnNotEquals'
  | 'ArnNotLike'
  | 'Null'
