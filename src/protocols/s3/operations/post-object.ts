import { encodeUri } from '../../../base/sigv4.ts'
import { renderXml, xmlElement, xmlText } from '../../../base/xml.ts'
import type { IncomingBytes } from '../../../storage/incoming-bytes.ts'
import type { ObjectVersion } from '../../../storage/object-version.ts'
import { renderUrl } from '../../http/proxy/public-url.ts'
import { findHostedBucket } from '../../http/proxy/virtual-host.ts'
import type { FormFields } from '../../http/signature/form-signature.ts'
import { findHeader, type HttpHeaders } from '../../http/request.ts'
import type { HttpResponse } from '../../http/response.ts'
import { admit, writeAccess } from '../admit.ts'
import { newVersionHeaders, quoteEtag } from '../answer.ts'
import { checksumHeaders, parseAnnouncedChecksum } from '../checksums.ts'
import { S3Error } from '../errors.ts'
import { formHeaders } from '../forms/form-headers.ts'
import { limitFile } from '../forms/limit-file.ts'
import { type Form, readForm } from '../forms/multipart-form.ts'
import { assertPolicy, type SizeRange } from '../forms/post-policy.ts'
import { assertHasLength } from '../incoming-body.ts'
import { objectName } from '../named.ts'
import { readNewVersion } from '../new-version.ts'
import { changeOptions, type S3Call, type S3Operation } from '../operation.ts'

/**
 * A browser's form. Who sends it, and what for, stands in its fields; nothing is asked before they
 * are read, and nothing is stored unless the whole form is as its policy wants it.
 * @see S3 API Reference, PostObject
 */
export const postObject: S3Operation = {
  name: 'PostObject',
  method: 'POST',
  on: 'bucket',
  selectors: [],

  access: () => [],

  async run(request, storage) {
    assertHasLength(request.http)
    const form = await readForm(request.body.bytes, readBoundary(request.headers))
    const call = await submit(form, request)
    const range = readPolicy(form.fields, call)
    await admit({ ...postObject, access: writeAccess }, call, storage)
    const newVersion = await readNewVersion(call, storage)
    const version = await storage.objects.put(objectName(call), readFile(form, call, range), {
      ...changeOptions(call),
      ...newVersion,
      operation: 'Post',
    })
    return answerForm(form.fields, call, version)
  },
}

/** @throws S3Error `FormExpected`, `MalformedPostRequest` */
function readBoundary(headers: HttpHeaders): string {
  const type = findHeader(headers, 'content-type') ?? ''
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) {
    throw new S3Error('FormExpected', {
      fields: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
    })
  }
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) throw new S3Error('MalformedPostRequest')
  return boundary
}

/** The headers of the request that are about its sender, and not about its body. */
const KEPT_HEADERS = ['origin', 'referer', 'user-agent']

function submit({ fields, fileName }: Form, request: S3Call): Promise<S3Call> {
  const key = fields.get('key')?.replaceAll('${filename}', () => fileName) ?? ''
  if (key === '') {
    throw new S3Error('InvalidArgument', {
      message:
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the " +
        'order of the fields.',
      fields: { ArgumentName: 'key', ArgumentValue: '' },
    })
  }
  const kept = KEPT_HEADERS.map((name) => [name, request.headers[name]])
  const headers = { ...Object.fromEntries(kept), ...formHeaders(fields) }
  return request.submit({ key, fields, headers })
}

/** A form without a policy may be as it likes, and is nobody's. */
function readPolicy(fields: FormFields, { bucket, key, at }: S3Call): SizeRange | undefined {
  const policy = fields.get('policy')
  return policy === undefined ? undefined : assertPolicy(policy, { bucket, key, fields, now: at })
}

function readFile({ file }: Form, call: S3Call, range: SizeRange | undefined): IncomingBytes {
  const checksum = parseAnnouncedChecksum(call.headers)
  return {
    bytes: range === undefined ? file : limitFile(file, range),
    ...(checksum?.value !== undefined && {
      checksum: { algorithm: checksum.algorithm, value: checksum.value },
    }),
  }
}

function answerForm(fields: FormFields, call: S3Call, version: ObjectVersion): HttpResponse {
  const { http, bucket, key, site } = call
  const isHosted = findHostedBucket(http.host, site.domains) !== undefined
  const path = key.split('/').map(encodeUri).join('/')
  const location = renderUrl(http, isHosted ? `/${path}` : `/${bucket}/${path}`, site.publicUrl)
  const etag = quoteEtag(version.etag)
  const headers = {
    etag,
    location,
    ...checksumHeaders(version.checksum),
    ...newVersionHeaders(version),
  }
  const redirect = findRedirect(fields)
  if (redirect !== undefined) {
    for (const [name, value] of Object.entries({ bucket, key, etag })) {
      redirect.searchParams.append(name, value)
    }
    return { status: 303, headers: { ...headers, location: redirect.href } }
  }
  const status = fields.get('success_action_status')
  if (status === '200') return { status: 200, headers }
  if (status !== '201') return { status: 204, headers }
  const document = xmlElement('PostResponse', [
    xmlText('Location', location),
    xmlText('Bucket', bucket),
    xmlText('Key', key),
    xmlText('ETag', etag),
  ])
  return {
    status: 201,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: renderXml(document),
  }
}

/** Where the browser goes next; what is no address is as if it were not there. */
function findRedirect(fields: FormFields): URL | undefined {
  const url = URL.parse(fields.get('success_action_redirect') ?? fields.get('redirect') ?? '')
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined
}
