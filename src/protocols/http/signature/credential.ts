// The credential of a signature: whose key signed, and the scope that it signed for.
import type { CredentialScope } from '../../../base/sigv4.ts'
import { AuthenticationError } from './authentication-error.ts'

/** Whose key, and within what. */
export type Credential = {
  readonly accessKey: string
  readonly scope: CredentialScope
}

/** Where a credential stands; AWS words its complaints differently for each. */
export type CredentialPlace = 'header' | 'query' | 'form'

/** What a credential must name; any region will do when none is expected. */
export type ExpectedScope = { readonly region: string | undefined; readonly service: string }

const TERMINATOR = 'aws4_request'

/**
 * The credential that a text stands for.
 * @throws AuthenticationError `AuthorizationHeaderMalformed`, `AuthorizationQueryMalformed`,
 *   `FormFieldInvalid`
 */
export function parseCredential(text: string, place: CredentialPlace): Credential {
  // An access key may hold slashes, so the scope is counted from the right.
  const parts = text.split('/')
  const [day = '', region = '', service = '', terminator = ''] = parts.slice(-4)
  const accessKey = parts.slice(0, -4).join('/')
  if (accessKey === '' || region === '' || service === '') {
    throw malformed(place, {
      credential: text,
      complaint:
        'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    })
  }
  if (terminator !== TERMINATOR) {
    const complaint = `incorrect terminal "${terminator}". This endpoint uses "${TERMINATOR}".`
    throw malformed(place, { credential: text, complaint })
  }
  if (!/^\d{8}$/.test(day)) {
    const complaint =
      `incorrect date format "${day}". ` +
      'This date in the credential must be in the format "yyyyMMdd".'
    throw malformed(place, { credential: text, complaint })
  }
  return { accessKey, scope: { day, region, service } }
}

/**
 * The scope is what this server expects.
 * @throws AuthenticationError `AuthorizationHeaderMalformed`, `AuthorizationQueryMalformed`,
 *   `FormFieldInvalid`
 */
export function assertScope(
  { accessKey, scope }: Credential,
  expected: ExpectedScope,
  place: CredentialPlace,
): void {
  const { day, region, service } = scope
  const credential = [accessKey, day, region, service, TERMINATOR].join('/')
  if (service !== expected.service) {
    const complaint = `incorrect service "${service}". This endpoint belongs to "${expected.service}".`
    throw malformed(place, { credential, complaint })
  }
  if (expected.region === undefined || region === expected.region) return
  const complaint = `the region '${region}' is wrong; expecting '${expected.region}'`
  throw malformed(place, { credential, complaint, region: expected.region })
}

type Fault = {
  readonly credential: string
  readonly complaint: string
  /** The region that would have been right. */
  readonly region?: string
}

function malformed(
  place: CredentialPlace,
  { credential, complaint, region }: Fault,
): AuthenticationError {
  const details = region === undefined ? {} : { region }
  switch (place) {
    case 'header':
      return new AuthenticationError(
        'AuthorizationHeaderMalformed',
        `The authorization header is malformed; ${complaint}`,
        details,
      )
    case 'query':
      return new AuthenticationError(
        'AuthorizationQueryMalformed',
        `Error parsing the X-Amz-Credential parameter; ${complaint}`,
        details,
      )
    case 'form':
      return new AuthenticationError('FormFieldInvalid', complaint, {
        argument: { name: 'x-amz-credential', value: credential },
      })
  }
}
