// `Principal` and `NotPrincipal`. @see IAM User Guide, "AWS JSON policy elements: Principal"
import type { Principal } from './policy-document.ts'
import { PolicyError } from './policy-error.ts'
import { readFields, readList, readText } from './policy-fields.ts'

const KINDS = ['AWS', 'CanonicalUser', 'Service', 'Federated']

const ACCOUNT_ID = /^\d{12}$/
const ROOT_ARN = /^arn:aws:iam::([\w.-]+):root$/
/** Groups are no principals, and no part of a name may be left open by `*`. */
const OTHER_ARN =
  /^arn:aws:(iam::[\w.-]*:(user|role)|sts::[\w.-]*:(assumed-role|federated-user))\/[\w+=,.@/-]+$/
const CANONICAL_ID = /^[\da-f]{64}$/

/**
 * Whom the element names: `"*"`, or an object with lists by kind.
 * @throws PolicyError `InvalidPrincipal`
 */
export function parsePrincipals(value: unknown, where: string): readonly Principal[] {
  if (value === '*') return [{ kind: 'anyone' }]
  if (typeof value === 'string') throw invalidPrincipal(where, value)
  const { entries } = readFields(value, { where, known: KINDS })
  if (entries.size === 0) {
    throw new PolicyError('InvalidPrincipal', `Invalid principal in policy: ${where} is empty.`)
  }
  return Array.from(entries).flatMap(([kind, named]) => {
    const place = { where: `${kind} in ${where}`, code: 'InvalidPrincipal' } as const
    return readList(named, place).map((name) => {
      const text = readText(name, place)
      const principal = findPrincipal(kind, text)
      if (principal === undefined) throw invalidPrincipal(place.where, text)
      return principal
    })
  })
}

function findPrincipal(kind: string, name: string): Principal | undefined {
  if (kind === 'AWS') return findAwsPrincipal(name)
  if (kind === 'CanonicalUser') {
    return CANONICAL_ID.test(name) ? { kind: 'canonical-user', canonicalId: name } : undefined
  }
  if (name === '' || /[*?]/.test(name)) return undefined
  return { kind: kind === 'Service' ? 'service' : 'federated', name }
}

function findAwsPrincipal(name: string): Principal | undefined {
  if (name === '*') return { kind: 'anyone' }
  const account = ACCOUNT_ID.test(name) ? name : ROOT_ARN.exec(name)?.[1]
  if (account !== undefined) return { kind: 'account', account }
  return OTHER_ARN.test(name) ? { kind: 'arn', arn: name } : undefined
}

function invalidPrincipal(where: string, name: string): PolicyError {
  return new PolicyError(
    'InvalidPrincipal',
    `Invalid principal in policy: ${where} names "${name}"; name "*", an account's 12 digits or the ARN of a root, user or role.`,
  )
}
