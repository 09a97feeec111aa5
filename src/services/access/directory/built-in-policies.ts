/** Policies that every account has, by MinIO's names and with what they allow there. */

export type BuiltInPolicy = { readonly name: string; readonly document: string }

/** @see MinIO documentation, "Access Management", built-in policies */
export const BUILT_IN_POLICIES: readonly BuiltInPolicy[] = [
  allowing('readonly', ['s3:GetBucketLocation', 's3:GetObject']),
  allowing('readwrite', ['s3:*']),
  allowing('writeonly', ['s3:PutObject']),
]

export function findBuiltInPolicy(name: string): BuiltInPolicy | undefined {
  return BUILT_IN_POLICIES.find((policy) => policy.name === name)
}

function allowing(name: string, actions: readonly string[]): BuiltInPolicy {
  const statement = { Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::*' }
  return { name, document: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) }
}
