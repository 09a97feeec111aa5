import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccessError } from '../../services/access/directory/access-error.ts'
import { StorageError, type StorageErrorCode } from '../../storage/storage-error.ts'
import { AuthenticationError } from '../http/signature/authentication-error.ts'
import { invalidArgument, S3_ERRORS, S3Error } from './errors.ts'
import { describeError, renderError } from './render-error.ts'

const REQUEST = { id: 'REQUEST', hostId: 'HOST', rawPath: '/bucket/a%3Cb' }

function bodyOf(error: unknown): string {
  const { body } = renderError(error, REQUEST)
  assert.ok(typeof body === 'string')
  return body
}

test('an error document names code, message, fields, resource and ids, escaped', () => {
  const error = invalidArgument('Not a <number>.', { name: 'max-keys', value: '"x"' })
  assert.equal(
    bodyOf(error),
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidArgument</Code>' +
      '<Message>Not a &lt;number&gt;.</Message><ArgumentName>max-keys</ArgumentName>' +
      '<ArgumentValue>&quot;x&quot;</ArgumentValue><Resource>/bucket/a%3Cb</Resource>' +
      '<RequestId>REQUEST</RequestId><HostId>HOST</HostId></Error>',
  )
})

test('what nobody foresaw is an internal error, and tells nothing of itself', () => {
  for (const error of [new TypeError('secret'), 'secret', undefined, { code: 'NoSuchKey' }]) {
    assert.equal(renderError(error, REQUEST).status, 500)
    assert.match(bodyOf(error), /<Code>InternalError<\/Code>/)
    assert.doesNotMatch(bodyOf(error), /secret/)
  }
})

test('what the store cannot do is told without its paths', () => {
  const codes: readonly StorageErrorCode[] = ['Damaged', 'StorageFull', 'StoreFailed', 'ReadOnly']
  for (const code of codes) {
    const { status, message } = describeError(new StorageError(code, '/var/lib/coffer is full'))
    assert.ok(status >= 500)
    assert.doesNotMatch(message, /var/)
  }
})

test('while nobody knows who may do what, clients are told to come again', () => {
  const cause = new Error('/var/lib/coffer/tables.sqlite is gone')
  const error = new AccessError('DirectoryUnavailable', cause.message, { cause })
  assert.equal(renderError(error, REQUEST).status, 503)
  assert.match(bodyOf(error), /<Code>ServiceUnavailable<\/Code>/)
  assert.doesNotMatch(bodyOf(error), /var/)
})

test('an upload that is gone is named, and so is a part that cannot be used', () => {
  const gone = new StorageError('NoSuchUpload', '', { details: { uploadId: 'u' } })
  assert.match(bodyOf(gone), /<UploadId>u<\/UploadId>/)
  const missing = new StorageError('InvalidPart', '', { details: { partNumber: 2, etag: 'e' } })
  assert.match(bodyOf(missing), /<PartNumber>2<\/PartNumber><ETag>e<\/ETag>/)
  const small = new StorageError('PartTooSmall', '', { details: { partNumber: 1, size: 7 } })
  assert.match(bodyOf(small), /<ProposedSize>7<\/ProposedSize><MinSizeAllowed>5242880</)
})

test('a missing version is named, and a delete marker shows itself in headers', () => {
  const details = { bucket: 'bucket', key: 'key', versionId: 'id' }
  const missing = new StorageError('NoSuchVersion', '', { details })
  assert.match(bodyOf(missing), /<Key>key<\/Key><VersionId>id<\/VersionId>/)
  const hidden = renderError(new StorageError('NoSuchKey', '', { details }), REQUEST)
  assert.equal(hidden.headers['x-amz-delete-marker'], 'true')
  assert.equal(hidden.headers['x-amz-version-id'], 'id')
})

test('a wrong signature is answered with what should have been signed', () => {
  const error = new AuthenticationError('SignatureMismatch', '', {
    canonicalRequest: 'GET\n/',
    stringToSign: 'AWS4',
    signature: 'abc',
  })
  const body = bodyOf(error)
  assert.match(body, /<StringToSign>AWS4<\/StringToSign>/)
  assert.match(body, /<SignatureProvided>abc<\/SignatureProvided>/)
  assert.match(body, /<CanonicalRequest>GET\n\/<\/CanonicalRequest>/)
})

test('a message of its own goes before the one of the table', () => {
  assert.equal(describeError(new S3Error('MalformedXML')).message, S3_ERRORS.MalformedXML.message)
  const own = new S3Error('MalformedXML', { message: 'The second line.' })
  assert.equal(describeError(own).message, 'The second line.')
})
