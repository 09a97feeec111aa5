// The same for signatures in URLs, of version 4 and of version 2.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { assertRefusal, type Refusal, SIGNATURE_MISMATCH, UNKNOWN_KEY } from './refusal.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'
import {
  type Draft,
  draftFor,
  type Headers,
  send,
  signInQuery,
  signV2,
  targetOf,
} from './signing.ts'

let server: S3Server
const Bucket = freshName('url')
const skip = isForeign && 'another server expects another region'
const MINUTE_MS = 60_000

before(async () => {
  server = await startS3Server({ authentication: { region: 'us-east-1' } })
  await server.client().send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

const MALFORMED_CREDENTIAL =
  'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'

function malformedQuery(message: string): Refusal {
  return { status: 400, code: 'AuthorizationQueryParametersError', message }
}

type Alteration = (query: Draft['query']) => Draft['query']

type QueryCase = {
  readonly what: string
  readonly draft?: () => Partial<Draft>
  readonly alter?: Alteration
  readonly headers?: Headers
  readonly method?: string
  readonly refusal: Refusal
}

function change(parameter: string, to: string | undefined): Alteration {
  return (query) =>
    query.flatMap(([name, value]) => {
      if (name !== parameter) return [[name, value] as const]
      return to === undefined ? [] : [[name, to] as const]
    })
}

const QUERY_CASES: readonly QueryCase[] = [
  ...['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'].map((name) => ({
    what: `no X-Amz-${name}`,
    alter: change(`X-Amz-${name}`, undefined),
    refusal: malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, ' +
        'X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    ),
  })),
  {
    what: 'another algorithm',
    alter: change('X-Amz-Algorithm', 'AWS4-HMAC-SHA1'),
    refusal: malformedQuery('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"'),
  },
  {
    what: 'a date that is none',
    alter: change('X-Amz-Date', '2013-05-24T00:00:00Z'),
    refusal: malformedQuery(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`),
  },
  {
    what: 'more than a week',
    draft: () => ({ expires: '604801' }),
    refusal: malformedQuery(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires ' +
        'must be less than 604800 seconds',
    ),
  },
  {
    what: 'less than no time',
    draft: () => ({ expires: '-1' }),
    refusal: malformedQuery('X-Amz-Expires must be non-negative'),
  },
  {
    what: 'a time that is no number',
    draft: () => ({ expires: 'soon' }),
    refusal: malformedQuery('X-Amz-Expires should be a number'),
  },
  {
    what: 'a credential of too few parts',
    alter: change('X-Amz-Credential', 'key'),
    refusal: malformedQuery(
      `Error parsing the X-Amz-Credential parameter; ${MALFORMED_CREDENTIAL}`,
    ),
  },
  {
    what: 'another region',
    draft: () => ({ region: 'eu-west-1' }),
    refusal: malformedQuery(
      "Error parsing the X-Amz-Credential parameter; the region 'eu-west-1' is wrong; expecting " +
        "'us-east-1'",
    ),
  },
  {
    what: 'another service',
    draft: () => ({ service: 'sts' }),
    refusal: malformedQuery(
      'Error parsing the X-Amz-Credential parameter; incorrect service "sts". This endpoint ' +
        'belongs to "s3".',
    ),
  },
  {
    what: 'another day',
    draft: () => ({ day: '20130524', signedAt: new Date('2026-01-02T00:00:00Z') }),
    refusal: malformedQuery(
      'Invalid credential date "20130524". This date is not the same as X-Amz-Date: "20260102".',
    ),
  },
  {
    what: 'a URL whose time is over',
    draft: () => ({ signedAt: new Date(Date.now() - 2 * MINUTE_MS) }),
    refusal: {
      status: 403,
      code: 'AccessDenied',
      message: 'Request has expired',
      elements: {
        'X-Amz-Expires': '60',
        Expires: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        ServerTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      },
    },
  },
  {
    what: 'a URL from the future',
    draft: () => ({ signedAt: new Date(Date.now() + 16 * MINUTE_MS) }),
    refusal: { status: 403, code: 'AccessDenied', message: 'Request is not valid yet' },
  },
  {
    what: 'a signature that was altered',
    alter: change('X-Amz-Signature', '0'.repeat(64)),
    refusal: { ...SIGNATURE_MISMATCH, elements: { SignatureProvided: '0'.repeat(64) } },
  },
  {
    what: 'a time that was lengthened',
    alter: change('X-Amz-Expires', '61'),
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'another method',
    draft: () => ({ query: [] }),
    method: 'DELETE',
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'a header that was added, and should have been signed',
    headers: { 'x-amz-acl': 'private' },
    refusal: {
      status: 403,
      code: 'AccessDenied',
      message: 'There were headers present in the request which were not signed',
      elements: { HeadersNotSigned: 'x-amz-acl' },
    },
  },
  {
    what: 'a key that nobody has',
    draft: () => ({ accessKey: 'NOBODYHASTHISKEY0000' }),
    refusal: UNKNOWN_KEY,
  },
  {
    what: 'a token of temporary keys',
    draft: () => ({ query: [['X-Amz-Security-Token', 'token']] }),
    refusal: {
      status: 400,
      code: 'InvalidToken',
      message: /^The provided token is malformed or otherwise invalid\./,
    },
  },
  {
    what: 'a signature of version 2 beside that of version 4',
    alter: (query) => [...query, ['AWSAccessKeyId', 'key'], ['Signature', 'x'], ['Expires', '1']],
    refusal: {
      status: 400,
      code: 'InvalidArgument',
      message: /^Only one auth mechanism allowed; /,
    },
  },
]

for (const { what, draft: changes = () => ({}), alter, headers, method, refusal } of QUERY_CASES) {
  test(`refused in a URL: ${what}`, { skip }, async () => {
    const signed = draftFor(server, Bucket, changes())
    const query = signInQuery(signed)
    const target = targetOf({
      path: signed.path,
      query: alter === undefined ? query : alter(query),
    })
    const answer = await send(server, {
      target,
      headers: { ...signed.headers, ...headers },
      ...(method !== undefined && { method }),
    })
    assertRefusal(answer, refusal)
  })
}

test('what the table makes wrong is right otherwise', async () => {
  const right = draftFor(server, Bucket)
  const target = targetOf({ path: right.path, query: signInQuery(right) })
  const answer = await send(server, { target, headers: right.headers })
  assert.equal(answer.status, 200, answer.whole)
})

const OLD_PATH = `/${Bucket}/report`

type OldUrl = {
  readonly expires?: number
  /** What goes over the wire, and what of it is signed. */
  readonly target?: string
  readonly resource?: string
  readonly headers?: string
}

const OLD_TARGET = `${OLD_PATH}?response-content-type=text/plain%3B%20a%3Db`
const OLD_RESOURCE = `${OLD_PATH}?response-content-type=text/plain; a=b`

function oldTarget({ accessKey, secretKey }: S3Server, changes: OldUrl = {}): string {
  const { expires = Math.floor(Date.now() / 1000) + 60, target = OLD_TARGET } = changes
  const { resource = OLD_RESOURCE, headers = '' } = changes
  const signature = signV2(secretKey, `GET\n\n\n${expires}\n${headers}${resource}`)
  const proof = `AWSAccessKeyId=${accessKey}&Signature=${encodeURIComponent(signature)}`
  return `${target}${target.includes('?') ? '&' : '?'}${proof}&Expires=${expires}`
}

test('version 2 is refused, and the answer says what would help', { skip }, async () => {
  const { host } = new URL(server.url)
  assertRefusal(await send(server, { target: oldTarget(server), headers: { host } }), {
    status: 400,
    code: 'InvalidRequest',
    message: /Please use AWS4-HMAC-SHA256\..*COFFER_SIGNATURE_V2=presigned/,
  })
})

test('version 2 reads where the setting allows it, and does nothing else', { skip }, async (t) => {
  const old = await startS3Server({ authentication: { signatureV2: 'presigned' } })
  t.after(() => old.stop())
  const client = old.client()
  await client.send(new CreateBucketCommand({ Bucket }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'report', Body: Buffer.from('hello') }))
  const headers = { host: new URL(old.url).host }
  const ask = (target: string, method = 'GET') => send(old, { target, method, headers })
  const answer = await ask(oldTarget(old))
  assert.equal(answer.body, 'hello', answer.whole)
  assert.equal(answer.headers.get('content-type'), 'text/plain; a=b')
  const denied = { status: 403, code: 'AccessDenied' }
  const expired = { ...denied, message: 'Request has expired' }
  assertRefusal(await ask(oldTarget(old, { expires: 1 })), expired)
  assertRefusal(await ask(`${OLD_PATH}?AWSAccessKeyId=a&Signature=b`), {
    ...denied,
    message: /requires the Signature, Expires and AWSAccessKeyId parameters$/,
  })
  assertRefusal(await ask(oldTarget(old, { target: `/${Bucket}/other` })), SIGNATURE_MISMATCH)
  assertRefusal(await ask(`${oldTarget(old)}&versionId=1`), SIGNATURE_MISMATCH)
  assertRefusal(await ask(oldTarget(old).replace(old.accessKey, 'nobody')), UNKNOWN_KEY)
  // Version 2 signs some sub-resources only; what it does not sign it must not open.
  const stray = await ask(`${oldTarget(old)}&legal-hold`)
  assertRefusal(stray, { status: 400, code: 'InvalidRequest', message: /"legal-hold"/ })
  const written = await ask(oldTarget(old), 'DELETE')
  assertRefusal(written, { status: 400, code: 'InvalidRequest', message: /only for GET and HEAD/ })
  const inHeader = { ...headers, authorization: 'AWS a:b' }
  assert.equal((await send(old, { target: OLD_PATH, headers: inHeader })).status, 400)
})

test(
  'version 2 signs a bucket with a slash, and headers that clients put into the URL',
  { skip },
  async (t) => {
    const old = await startS3Server({ authentication: { signatureV2: 'presigned' } })
    t.after(() => old.stop())
    await old.client().send(new CreateBucketCommand({ Bucket }))
    const headers = { host: new URL(old.url).host }
    const listed = await send(old, {
      target: oldTarget(old, {
        target: `/${Bucket}?list-type=2&prefix=a&x-amz-request-payer=requester`,
        headers: 'x-amz-request-payer:requester\n',
        resource: `/${Bucket}/`,
      }),
      headers,
    })
    assert.match(listed.body, /<KeyCount>0</, listed.whole)
    const located = oldTarget(old, {
      target: `/${Bucket}?location`,
      resource: `/${Bucket}/?location`,
    })
    assert.equal((await send(old, { target: located, headers })).status, 200)
  },
)
