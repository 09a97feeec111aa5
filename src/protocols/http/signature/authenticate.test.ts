import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { createManualClock } from '../../../base/clock.ts'
import { deriveSigningKey, sign } from '../../../base/sigv4.ts'
import { createAuthenticator, type AuthenticatorOptions } from './authenticate.ts'
import { AuthenticationError, type AuthenticationErrorCode } from './authentication-error.ts'
import { parseQuery } from '../query.ts'
import { type HttpRequest, parseTarget } from '../request.ts'

type SignedRequest = {
  readonly name: string
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string
}

type Examples = {
  readonly accessKey: string
  readonly secret: string
  readonly signedAt: string
  readonly requests: readonly SignedRequest[]
}

const EXAMPLES: Examples = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/signed-requests.json', import.meta.url), 'utf8'),
)

function authenticatorAt(at: string, options: Partial<AuthenticatorOptions> = {}) {
  return createAuthenticator({
    findKey: (key) => (key === EXAMPLES.accessKey ? EXAMPLES : undefined),
    clock: createManualClock(new Date(at)),
    ...options,
  })
}

const authenticate = authenticatorAt(EXAMPLES.signedAt)

type Sent = Omit<SignedRequest, 'name' | 'payload'>

function toRequest({ method, target, headers }: Sent): HttpRequest {
  const { rawPath, rawQuery } = parseTarget(target)
  const distinct = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])
  return {
    id: 'test',
    method,
    rawPath,
    rawQuery,
    query: parseQuery(rawQuery),
    headers: Object.fromEntries(distinct),
    host: headers['host'] ?? '',
    contentLength: 0,
    body: { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: 0 }) }) },
    remoteAddress: '127.0.0.1',
    isSecure: false,
    signal: new AbortController().signal,
  }
}

function example(name: string): SignedRequest {
  const found = EXAMPLES.requests.find((request) => request.name === name)
  assert.ok(found, name)
  return found
}

const GET = example('GetObject with a range')
const PRESIGNED = example('a presigned GetObject')

async function refuses(
  sent: Sent,
  code: AuthenticationErrorCode,
  check = authenticate,
): Promise<AuthenticationError> {
  let caught: unknown
  await check(toRequest(sent)).catch((error: unknown) => {
    caught = error
  })
  assert.ok(caught instanceof AuthenticationError, `${code} was expected`)
  assert.equal(caught.code, code)
  return caught
}

function withHeaders(sent: Sent, headers: Readonly<Record<string, string | undefined>>): Sent {
  const merged = Object.entries({ ...sent.headers, ...headers })
  const present = merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { ...sent, headers: Object.fromEntries(present) }
}

for (const request of EXAMPLES.requests) {
  test(`AWS's example is accepted: ${request.name}`, async () => {
    const { accessKey, payload, version, isPresigned } = await authenticate(toRequest(request))
    assert.equal(accessKey, EXAMPLES.accessKey)
    assert.equal(payload.kind, request.payload)
    assert.equal(version, 'AWS4-HMAC-SHA256')
    assert.equal(isPresigned, request === PRESIGNED)
  })
}

test('a header that begins as one before is still read to its end', async () => {
  await authenticate(toRequest(GET))
  const { authorization = '' } = GET.headers
  const before = authorization.slice(0, -64)
  const sendWith = (end: string): Sent => {
    return { ...GET, headers: { ...GET.headers, authorization: before + end } }
  }
  await refuses(sendWith('0'.repeat(64)), 'SignatureMismatch')
  await refuses(sendWith(`,Credential=${'0'.repeat(52)}`), 'AuthorizationHeaderMalformed')
})

test('the seal of a chunked body holds what its chunks are signed with', async () => {
  const { payload } = await authenticate(toRequest(example('PutObject in signed chunks')))
  assert.ok(payload.kind === 'chunked' && payload.signing !== undefined && !payload.hasTrailers)
  assert.match(payload.signing.seedSignature, /^4f232c/)
  assert.equal(payload.signing.scope, '20130524/us-east-1/s3/aws4_request')
  const trailing = example('PutObject in signed chunks with a trailer')
  const sealed = await authenticate(toRequest(trailing))
  assert.ok(sealed.payload.kind === 'chunked' && sealed.payload.hasTrailers)
})

test('whatever is changed after signing is found', async () => {
  await refuses({ ...GET, method: 'PUT' }, 'SignatureMismatch')
  await refuses({ ...GET, target: '/test2.txt' }, 'SignatureMismatch')
  await refuses({ ...GET, target: '/./test.txt' }, 'SignatureMismatch')
  await refuses({ ...GET, target: '/test.txt?acl' }, 'SignatureMismatch')
  await refuses(withHeaders(GET, { range: 'bytes=0-10' }), 'SignatureMismatch')
  await refuses(withHeaders(GET, { host: 'other' }), 'SignatureMismatch')
  const unsigned = withHeaders(GET, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
  await refuses(unsigned, 'SignatureMismatch')
  await refuses({ ...PRESIGNED, target: `${PRESIGNED.target}&a` }, 'SignatureMismatch')
  const longer = PRESIGNED.target.replace('86400', '86401')
  await refuses({ ...PRESIGNED, target: longer }, 'SignatureMismatch')
})

test('a mismatch says what was signed here', async () => {
  const { details } = await refuses({ ...GET, target: '/other' }, 'SignatureMismatch')
  assert.match(details.canonicalRequest ?? '', /^GET\n\/other\n\nhost:examplebucket/)
  assert.match(details.stringToSign ?? '', /^AWS4-HMAC-SHA256\n20130524T000000Z\n20130524\//)
  assert.match(details.signature ?? '', /^f0e8bd/)
})

test('a request without, with two, or with an old signature is refused', async () => {
  const bare = withHeaders(GET, { authorization: undefined })
  await refuses(bare, 'AuthenticationMissing')
  const both = { ...GET, target: PRESIGNED.target }
  await refuses(both, 'AuthenticationAmbiguous')
  await refuses(withHeaders(GET, { authorization: 'AWS key:sig' }), 'AuthenticationUnsupported')
  await refuses(withHeaders(GET, { authorization: 'Bearer x' }), 'AuthorizationTypeUnknown')
  await refuses(withHeaders(GET, { authorization: ' ' }), 'AuthenticationMissing')
  const versionTwo = { ...bare, target: '/b/k?AWSAccessKeyId=a&Signature=b&Expires=1' }
  await refuses(versionTwo, 'AuthenticationUnsupported')
})

test('a malformed Authorization header is refused', async () => {
  const whole = GET.headers['authorization'] ?? ''
  const spoiled = [
    whole.replace('aws4_request', 'aws5_request'),
    whole.replace('20130524', '2013-05-24'),
    whole.replace('20130524', '20130525'),
    whole.replace('/s3/', '/ec2/'),
    whole.replace('Credential=', 'Credentials='),
    whole.replace('SignedHeaders=host;', 'SignedHeaders=;'),
    whole.replace('Signature=', 'Sig='),
    'AWS4-HMAC-SHA256',
  ]
  for (const authorization of spoiled) {
    await refuses(withHeaders(GET, { authorization }), 'AuthorizationHeaderMalformed')
  }
})

test('a malformed presigned URL is refused', async () => {
  const spoiled: [RegExp, string][] = [
    [/AWS4-HMAC-SHA256/, 'AWS4-HMAC-SHA1'],
    [/X-Amz-Date=20130524T000000Z/, 'X-Amz-Date=yesterday'],
    [/X-Amz-Expires=86400/, 'X-Amz-Expires=604801'],
    [/X-Amz-Expires=86400/, 'X-Amz-Expires=-1'],
    [/X-Amz-Expires=86400/, ''],
    [/X-Amz-SignedHeaders=host/, ''],
    [/X-Amz-Signature=\w+/, ''],
    [/X-Amz-Credential=AKIAIOSFODNN7EXAMPLE/, 'X-Amz-Credential='],
  ]
  for (const [from, to] of spoiled) {
    const target = PRESIGNED.target.replace(from, to)
    await refuses({ ...PRESIGNED, target }, 'AuthorizationQueryMalformed')
  }
})

test('an access key that nobody has is refused', async () => {
  const nobody = authenticatorAt(EXAMPLES.signedAt, { findKey: async () => undefined })
  const { details } = await refuses(GET, 'AccessKeyUnknown', nobody)
  assert.equal(details.accessKey, EXAMPLES.accessKey)
})

test('a configured region is the only one accepted', async () => {
  const elsewhere = authenticatorAt(EXAMPLES.signedAt, { region: 'eu-west-1' })
  const { details } = await refuses(GET, 'AuthorizationHeaderMalformed', elsewhere)
  assert.equal(details.region, 'eu-west-1')
  await authenticatorAt(EXAMPLES.signedAt, { region: 'us-east-1' })(toRequest(GET))
})

test('clocks may differ by fifteen minutes, either way', async () => {
  await authenticatorAt('2013-05-24T00:15:00Z')(toRequest(GET))
  await authenticatorAt('2013-05-23T23:45:00Z')(toRequest(GET))
  await refuses(GET, 'ClockSkewed', authenticatorAt('2013-05-24T00:15:01Z'))
  await refuses(GET, 'ClockSkewed', authenticatorAt('2013-05-23T23:44:59Z'))
})

test('a presigned URL counts until it expires', async () => {
  await authenticatorAt('2013-05-24T23:59:59Z')(toRequest(PRESIGNED))
  const late = authenticatorAt('2013-05-25T00:00:00Z')
  const { details } = await refuses(PRESIGNED, 'PresignedUrlExpired', late)
  assert.equal(details.expiredAt?.toISOString(), '2013-05-25T00:00:00.000Z')
  await refuses(PRESIGNED, 'PresignedUrlNotYetValid', authenticatorAt('2013-05-23T23:00:00Z'))
})

test('headers that matter must be signed', async () => {
  const { details } = await refuses(withHeaders(GET, { 'x-amz-acl': 'private' }), 'HeaderUnsigned')
  assert.deepEqual(details.unsignedHeaders, ['x-amz-acl'])
  const authorization = (GET.headers['authorization'] ?? '').replace('=host;', '=')
  await refuses(withHeaders(GET, { authorization }), 'HeaderUnsigned')
  await refuses(withHeaders(PRESIGNED, { 'x-amz-meta-a': 'b' }), 'HeaderUnsigned')
})

test('date and payload hash must be there and well-formed', async () => {
  await refuses(withHeaders(GET, { 'x-amz-date': undefined }), 'DateMissing')
  await refuses(withHeaders(GET, { 'x-amz-date': 'now' }), 'DateMissing')
  const hash = 'x-amz-content-sha256'
  await refuses(withHeaders(GET, { [hash]: undefined }), 'PayloadHashMissing')
  const odd = resign(withHeaders(GET, { [hash]: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }))
  await refuses(await odd, 'PayloadHashMalformed')
})

test('a header is signed as the bytes that were sent, not as text', async () => {
  const bytes = Buffer.from('Grüße').toString('latin1')
  const authorization = (GET.headers['authorization'] ?? '').replace('range', 'range;x-amz-meta-a')
  const sent = withHeaders(GET, { 'x-amz-meta-a': bytes, authorization })
  const { details } = await refuses(sent, 'SignatureMismatch')
  assert.ok(details.canonicalRequest?.includes(`x-amz-meta-a:${bytes}\n`))
  await authenticate(toRequest(await resign(sent)))
})

/** The same request with the signature that it should have. */
async function resign(sent: Sent): Promise<Sent> {
  const { details } = await refuses(sent, 'SignatureMismatch')
  const scope = { day: '20130524', region: 'us-east-1', service: 's3' }
  const signature = sign(deriveSigningKey(EXAMPLES.secret, scope), details.stringToSign ?? '')
  const authorization = sent.headers['authorization'] ?? ''
  const corrected = authorization.replace(/Signature=\w+/, `Signature=${signature}`)
  return withHeaders(sent, { authorization: corrected })
}
