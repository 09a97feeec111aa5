// Who signed a form. What is signed is its policy, so a form that says who sends it has one.
// @see S3 API Reference, "Authenticating Requests: Browser-Based Uploads Using POST"
import {
  createSigningKeyCache,
  isSameSignature,
  parseTimestamp,
  sign,
  SIGV4_ALGORITHM,
} from '../../../base/sigv4.ts'
import {
  assertV2Accepted,
  type AuthenticatorOptions,
  getKey,
  type SecretKey,
  type SignatureVersion,
} from './authenticate.ts'
import { AuthenticationError } from './authentication-error.ts'
import { assertScope, parseCredential } from './credential.ts'
import { signV2 } from './presigned-v2.ts'
import { unknownToken } from './signature-claim.ts'

/** By lower-case name, as text. */
export type FormFields = ReadonlyMap<string, string>

/** Who signed a form. */
export type FormAuthentication = { readonly accessKey: string; readonly version: SignatureVersion }

/**
 * `undefined` for a form that nobody signed.
 * @throws AuthenticationError `FormFieldInvalid`, `AccessKeyUnknown`, `SignatureMismatch`,
 *   `SecurityTokenInvalid`, `AuthenticationUnsupported`
 */
export type FormAuthenticator<Key> = (
  fields: FormFields,
) => Promise<(FormAuthentication & { readonly key: Key }) | undefined>

const V4_FIELDS = [
  'policy',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-signature',
] as const

const V2_FIELDS = ['awsaccesskeyid', 'signature'] as const

/** An authenticator of forms that remembers the signing keys that it derived. */
export function createFormAuthenticator<Key extends SecretKey>(
  options: AuthenticatorOptions<Key>,
): FormAuthenticator<Key> {
  const { region, service = 's3' } = options
  const signingKey = createSigningKeyCache()
  const authenticateV4: FormAuthenticator<Key> = async (fields) => {
    const [policy, algorithm, credential, date, signature] = V4_FIELDS.map((name) =>
      getField(fields, name),
    )
    if (algorithm !== SIGV4_ALGORITHM) {
      const message = `x-amz-algorithm only supports "${SIGV4_ALGORITHM}"`
      throw invalid(message, { name: 'x-amz-algorithm', value: algorithm ?? '' })
    }
    if (parseTimestamp(date ?? '') === undefined) {
      const message = `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`
      throw invalid(message, { name: 'x-amz-date', value: date ?? '' })
    }
    const claim = parseCredential(credential ?? '', 'form')
    assertScope(claim, { region, service }, 'form')
    const key = await getKey(claim.accessKey, options)
    const text = policy ?? ''
    const { accessKey } = claim
    const expected = sign(signingKey(key.secret, claim.scope), text)
    assertSame(expected, { accessKey, text, signature: signature ?? '' })
    return { accessKey, key, version: SIGV4_ALGORITHM }
  }
  const authenticateV2: FormAuthenticator<Key> = async (fields) => {
    assertV2Accepted(options)
    const accessKey = getField(fields, 'awsaccesskeyid')
    const signature = getField(fields, 'signature')
    const text = getField(fields, 'policy')
    const key = await getKey(accessKey, options)
    assertSame(signV2(key.secret, text), { accessKey, text, signature })
    return { accessKey, key, version: 'AWS' }
  }
  return async (fields) => {
    if ((fields.get('x-amz-security-token') ?? '') !== '') throw unknownToken()
    const hasV4 = V4_FIELDS.some((name) => name !== 'policy' && fields.has(name))
    if (!hasV4 && V2_FIELDS.some((name) => fields.has(name))) return authenticateV2(fields)
    return hasV4 || fields.has('policy') ? authenticateV4(fields) : undefined
  }
}

/**
 * The value of a field that must be there.
 * @throws AuthenticationError `FormFieldInvalid`
 */
function getField(fields: FormFields, name: string): string {
  const value = fields.get(name)
  if (value !== undefined) return value
  throw invalid(
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the ` +
      'order of the fields.',
    { name, value: '' },
  )
}

function invalid(
  message: string,
  argument: { readonly name: string; readonly value: string },
): AuthenticationError {
  return new AuthenticationError('FormFieldInvalid', message, { argument })
}

type Claimed = { readonly accessKey: string; readonly signature: string; readonly text: string }

function assertSame(expected: string, { accessKey, signature, text }: Claimed): void {
  if (isSameSignature(expected, signature)) return
  throw new AuthenticationError(
    'SignatureMismatch',
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your key and signing method.',
    { accessKey, signature, stringToSign: text },
  )
}
