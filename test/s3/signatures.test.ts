// Everything that can be wrong with a signature in a header, and what AWS says to it: code,
// message, and the elements that help to find the fault.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { assertRefusal, type Refusal, SIGNATURE_MISMATCH, UNKNOWN_KEY } from './refusal.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'
import { type Draft, draftFor, type Headers, send, signInHeader, targetOf } from './signing.ts'

let server: S3Server
const Bucket = freshName('signed')
const skip = isForeign && 'another server expects another region'
const MINUTE_MS = 60_000

before(async () => {
  server = await startS3Server({ authentication: { region: 'us-east-1' } })
  await server.client().send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

function malformedHeader(complaint: string, elements: Refusal['elements'] = {}): Refusal {
  const message = `The authorization header is malformed; ${complaint}`
  return { status: 400, code: 'AuthorizationHeaderMalformed', message, elements }
}

const MALFORMED_CREDENTIAL =
  'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
const THREE_COMPONENTS =
  'the authorization header requires three components: Credential, SignedHeaders, and Signature.'

type Alteration = (headers: Readonly<Record<string, string>>) => Headers

type HeaderCase = {
  readonly what: string
  readonly draft?: () => Partial<Draft>
  readonly alter?: Alteration
  readonly target?: string
  readonly refusal: Refusal
}

function alterAuthorization(from: string | RegExp, to: string): Alteration {
  return (headers) => ({ ...headers, authorization: headers['authorization']?.replace(from, to) })
}

const HEADER_CASES: readonly HeaderCase[] = [
  {
    what: 'a request that was signed a quarter of an hour ago',
    draft: () => ({ signedAt: new Date(Date.now() - 16 * MINUTE_MS) }),
    refusal: {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'The difference between the request time and the current time is too large.',
      elements: {
        RequestTime: /^\d{8}T\d{6}Z$/,
        ServerTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        MaxAllowedSkewMilliseconds: '900000',
      },
    },
  },
  {
    what: 'a request from the future',
    draft: () => ({ signedAt: new Date(Date.now() + 16 * MINUTE_MS) }),
    refusal: {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'The difference between the request time and the current time is too large.',
    },
  },
  {
    what: 'another region',
    draft: () => ({ region: 'eu-west-1' }),
    refusal: malformedHeader("the region 'eu-west-1' is wrong; expecting 'us-east-1'", {
      Region: 'us-east-1',
    }),
  },
  {
    what: 'another service',
    draft: () => ({ service: 'ec2' }),
    refusal: malformedHeader('incorrect service "ec2". This endpoint belongs to "s3".'),
  },
  {
    what: 'another day',
    draft: () => ({ day: '20130524' }),
    refusal: malformedHeader('Invalid credential date. Date is not the same as X-Amz-Date.'),
  },
  {
    what: 'a day that is none',
    draft: () => ({ day: 'someday' }),
    refusal: malformedHeader(
      'incorrect date format "someday". This date in the credential must be in the format ' +
        '"yyyyMMdd".',
    ),
  },
  {
    what: 'a credential that ends otherwise',
    alter: alterAuthorization('/aws4_request', '/aws5_request'),
    refusal: malformedHeader(
      'incorrect terminal "aws5_request". This endpoint uses "aws4_request".',
    ),
  },
  {
    what: 'a credential of too few parts',
    alter: alterAuthorization(/Credential=[^,]*/, 'Credential=key/20130524/us-east-1'),
    refusal: malformedHeader(MALFORMED_CREDENTIAL),
  },
  {
    what: 'no credential',
    alter: alterAuthorization(/Credential=[^,]*, /, ''),
    refusal: malformedHeader(THREE_COMPONENTS),
  },
  {
    what: 'no signed headers',
    alter: alterAuthorization(/SignedHeaders=[^,]*, /, ''),
    refusal: malformedHeader(THREE_COMPONENTS),
  },
  {
    what: 'no signature',
    alter: alterAuthorization(/, Signature=.*/, ''),
    refusal: malformedHeader(THREE_COMPONENTS),
  },
  {
    what: 'a component without a name',
    alter: alterAuthorization(/Signature=.*/, 'nonsense'),
    refusal: malformedHeader('the authorization component " nonsense" is malformed.'),
  },
  {
    what: 'a list of headers that is none',
    alter: alterAuthorization('SignedHeaders=host;', 'SignedHeaders=;'),
    refusal: {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      message: 'SignedHeaders must be names separated by semicolons.',
    },
  },
  {
    what: 'a signature that is none',
    alter: alterAuthorization(/Signature=.*/, 'Signature=short'),
    refusal: { ...SIGNATURE_MISMATCH, elements: { SignatureProvided: 'short' } },
  },
  {
    what: 'another secret',
    draft: () => ({ secretKey: 'another secret' }),
    refusal: {
      ...SIGNATURE_MISMATCH,
      elements: {
        AWSAccessKeyId: /./,
        SignatureProvided: /^[0-9a-f]{64}$/,
        StringToSign: /^AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n\d{8}\/us-east-1\/s3\/aws4_request\n/,
        StringToSignBytes: /^41 57 53 34 2d/,
        CanonicalRequest: /^GET\n\/signed-[^\n]*\nlocation=\nhost:/,
        CanonicalRequestBytes: /^47 45 54 0a 2f/,
      },
    },
  },
  {
    what: 'a header that was altered',
    draft: () => ({
      headers: { ...draftFor(server, Bucket).headers, 'x-amz-expected-bucket-owner': 'a' },
    }),
    alter: (headers) => ({ ...headers, 'x-amz-expected-bucket-owner': 'b' }),
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'a parameter that was added',
    target: `/${Bucket}?location=&prefix=a`,
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'another path',
    target: `/${Bucket}/key`,
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'a header that was added, and should have been signed',
    alter: (headers) => ({ ...headers, 'x-amz-acl': 'private' }),
    refusal: {
      status: 403,
      code: 'AccessDenied',
      message: 'There were headers present in the request which were not signed',
      elements: { HeadersNotSigned: 'x-amz-acl' },
    },
  },
  {
    what: 'a host that was not signed',
    alter: alterAuthorization('=host;', '='),
    refusal: {
      status: 403,
      code: 'AccessDenied',
      message: 'There were headers present in the request which were not signed',
      elements: { HeadersNotSigned: 'host' },
    },
  },
  {
    what: 'no hash of the payload',
    alter: (headers) => ({ ...headers, 'x-amz-content-sha256': undefined }),
    refusal: {
      status: 400,
      code: 'InvalidRequest',
      message: 'Missing required header for this request: x-amz-content-sha256',
    },
  },
  {
    what: 'a hash of the payload that is none',
    draft: () => ({ payload: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }),
    refusal: {
      status: 400,
      code: 'InvalidArgument',
      message: /^x-amz-content-sha256 must be UNSIGNED-PAYLOAD, .* or a valid sha256 value\.$/,
      elements: {
        ArgumentName: 'x-amz-content-sha256',
        ArgumentValue: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
      },
    },
  },
  ...['x-amz-date', 'date'].map((name) => ({
    what: `no time, or one in ${name} that nobody can read`,
    alter: (headers: Headers) => ({ ...headers, 'x-amz-date': undefined, [name]: 'yesterday' }),
    refusal: {
      status: 403,
      code: 'AccessDenied',
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    },
  })),
  {
    what: 'a key that nobody has',
    draft: () => ({ accessKey: 'NOBODYHASTHISKEY0000' }),
    refusal: { ...UNKNOWN_KEY, elements: { AWSAccessKeyId: 'NOBODYHASTHISKEY0000' } },
  },
  {
    what: 'a token of temporary keys',
    draft: () => ({
      headers: { ...draftFor(server, Bucket).headers, 'x-amz-security-token': 'token' },
    }),
    refusal: {
      status: 400,
      code: 'InvalidToken',
      message: /^The provided token is malformed or otherwise invalid\./,
    },
  },
  {
    what: 'a signature in the header and another in the query',
    target: `/${Bucket}?location=&X-Amz-Algorithm=AWS4-HMAC-SHA256`,
    refusal: {
      status: 400,
      code: 'InvalidArgument',
      message: /^Only one auth mechanism allowed; /,
    },
  },
  {
    what: 'a signature of version 2',
    alter: (headers) => ({ ...headers, authorization: 'AWS key:c2lnbmF0dXJl' }),
    refusal: {
      status: 400,
      code: 'InvalidRequest',
      message:
        'The authorization mechanism you have provided is not supported. Please use ' +
        'AWS4-HMAC-SHA256.',
    },
  },
  {
    what: 'a bearer token',
    alter: (headers) => ({ ...headers, authorization: 'Bearer abc' }),
    refusal: {
      status: 400,
      code: 'InvalidArgument',
      message: 'Unsupported Authorization Type',
      elements: { ArgumentName: 'Authorization', ArgumentValue: 'Bearer abc' },
    },
  },
]

for (const { what, draft: changes = () => ({}), alter, target, refusal } of HEADER_CASES) {
  test(`refused in a header: ${what}`, { skip }, async () => {
    const signed = draftFor(server, Bucket, changes())
    const headers = signInHeader(signed)
    const answer = await send(server, {
      target: target ?? targetOf(signed),
      headers: alter === undefined ? headers : alter(headers),
    })
    assertRefusal(answer, refusal)
  })
}

test('what the table makes wrong is right otherwise', async () => {
  const right = draftFor(server, Bucket)
  const answer = await send(server, { target: targetOf(right), headers: signInHeader(right) })
  assert.equal(answer.status, 200, answer.whole)
})
