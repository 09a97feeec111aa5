// What may be a name. All checks throw AccessError `InvalidName`.
import { ANONYMOUS, ROOT_IDENTITY } from '../caller.ts'
import { AccessError } from './access-error.ts'

export type NameKind = 'user' | 'group' | 'policy'

/** @see IAM User Guide, "IAM and AWS STS quotas", IAM name requirements and character limits */
const NAMES: Readonly<Record<NameKind, RegExp>> = {
  user: /^[\w+=,.@-]{1,64}$/,
  group: /^[\w+=,.@-]{1,128}$/,
  policy: /^[\w+=,.@-]{1,128}$/,
}
/** What callers without a user's name are called. */
const RESERVED: readonly string[] = [ROOT_IDENTITY, ANONYMOUS.identity]

const ACCOUNT_ID = /^\d{12}$/
const CANONICAL_ID = /^[0-9a-f]{64}$/
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/
const DISPLAY_NAME = /^[^\p{C}]{1,128}$/u
const DESCRIPTION = /^[^\p{C}]{0,256}$/u
/** Without what separates the parts of a signature's credential. */
const ACCESS_KEY = /^[\w.+=@-]{3,128}$/
const SECRET = /^[\x21-\x7e]{8,256}$/

export function assertName(kind: NameKind, name: string): void {
  if (NAMES[kind].test(name) && !(kind === 'user' && RESERVED.includes(name))) return
  const length = kind === 'user' ? 64 : 128
  throw invalid(
    `"${name}" cannot be the name of a ${kind}: up to ${length} letters, digits and _+=,.@- are, ` +
      `except ${RESERVED.join(' and ')}.`,
  )
}

export function assertAccountId(id: string): void {
  if (!ACCOUNT_ID.test(id)) throw invalid(`"${id}" is no account id, which has twelve digits.`)
}

export function assertCanonicalId(id: string): void {
  if (CANONICAL_ID.test(id)) return
  throw invalid(`"${id}" is no canonical id, which has 64 lower-case hex digits.`)
}

export function assertDisplayName(name: string): void {
  if (DISPLAY_NAME.test(name)) return
  throw invalid(`"${name}" cannot be a display name: up to 128 printable characters are.`)
}

export function assertEmail(email: string): void {
  if (!EMAIL.test(email)) throw invalid(`"${email}" is no email address.`)
}

export function assertDescription(text: string): void {
  if (!DESCRIPTION.test(text)) {
    throw invalid('A description has up to 256 printable characters.')
  }
}

export function assertAccessKey(id: string): void {
  if (ACCESS_KEY.test(id)) return
  throw invalid(`"${id}" cannot be an access key: 3 to 128 letters, digits and _.+=@- are.`)
}

/** The secret itself is in no message. */
export function assertSecret(secret: string): void {
  if (!SECRET.test(secret)) {
    throw invalid('A secret has 8 to 256 printable characters of ASCII, without spaces.')
  }
}

function invalid(message: string): AccessError {
  return new AccessError('InvalidName', message)
}
