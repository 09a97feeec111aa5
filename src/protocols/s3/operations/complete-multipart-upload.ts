import { findChildren, findChildText, xmlText, type XmlElement } from '../../../base/xml.ts'
import type {
  CompleteOptions,
  PartReference,
  Upload,
  UploadName,
} from '../../../storage/object-store.ts'
import { LIMITS } from '../../../storage/limits.ts'
import { isStorageError } from '../../../storage/storage-error.ts'
import type { Storage } from '../../../storage/storage.ts'
import { renderUrl } from '../../http/proxy/public-url.ts'
import { findHeader } from '../../http/request.ts'
import { putAccess } from '../admit.ts'
import { newVersionHeaders, renderEtag, xmlAnswer } from '../answer.ts'
import {
  findChecksumText,
  findResultChecksum,
  parseChecksumType,
  renderChecksum,
} from '../checksums.ts'
import { bareEtag, parseWriteCondition } from '../conditions.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { uploadName } from '../named.ts'
import { changeOptions, type S3Operation, type S3Request } from '../operation.ts'
import { COMPLETE_SIZE_BYTES, readOptionalXml } from '../xml-body.ts'

/**
 * Completing links parts and copies no bytes, so the answer comes at once: no whitespace keeps the
 * connection alive, and the status is never 200 for a failure.
 * @see S3 API Reference, CompleteMultipartUpload
 */
export const completeMultipartUpload: S3Operation = {
  name: 'CompleteMultipartUpload',
  method: 'POST',
  on: 'object',
  selectors: ['?uploadId'],
  describesResult: true,

  access: putAccess,

  async run(request, storage) {
    const { http } = request
    const name = uploadName(request)
    const parts = await readParts(request)
    await assertChecksumKept(request, { name, storage })
    const version = await storage.uploads.complete(name, parts, parseOptions(request))
    return xmlAnswer(
      'CompleteMultipartUploadResult',
      [
        xmlText('Location', renderUrl(http, http.rawPath, request.site.publicUrl)),
        xmlText('Bucket', request.bucket),
        xmlText('Key', request.key),
        renderEtag(version.etag),
        ...renderChecksum(version.checksum),
      ],
      newVersionHeaders(version),
    )
  },
}

function parseOptions(request: S3Request): CompleteOptions {
  const condition = parseWriteCondition(request.headers)
  const checksum = findResultChecksum(request.headers)
  const size = parseObjectSize(request)
  return {
    ...changeOptions(request),
    ...(condition && { condition }),
    ...(checksum !== undefined && { checksum }),
    ...(size !== undefined && { size }),
  }
}

function parseObjectSize({ headers }: S3Request): number | undefined {
  const name = 'x-amz-mp-object-size'
  const value = findHeader(headers, name)
  if (value === undefined) return undefined
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw new S3Error('InvalidRequest', {
    message: `Value for ${name} header is invalid: '${value}'`,
  })
}

async function readParts(request: S3Request): Promise<readonly PartReference[]> {
  const options = { root: 'CompleteMultipartUpload', maxSizeBytes: COMPLETE_SIZE_BYTES }
  const document = await readOptionalXml(request, options)
  const elements = document === undefined ? [] : findChildren(document, 'Part')
  if (elements.length === 0) throw new S3Error('MalformedXML')
  return elements.map(parsePart)
}

function parsePart(element: XmlElement): PartReference {
  const number = findChildText(element, 'PartNumber')?.trim() ?? ''
  const etag = findChildText(element, 'ETag')
  if (!/^\d{1,9}$/.test(number) || etag === undefined) throw new S3Error('MalformedXML')
  const partNumber = Number(number)
  if (partNumber < 1 || partNumber > LIMITS.parts) {
    const message = `PartNumber must be an integer between 1 and ${LIMITS.parts}, inclusive`
    throw invalidArgument(message, { name: 'partNumber', value: number })
  }
  const checksum = findChecksumText(element)
  return { partNumber, etag: bareEtag(etag), ...(checksum !== undefined && { checksum }) }
}

type Completion = { readonly name: UploadName; readonly storage: Storage }

/** A checksum that the upload does not keep could not be compared, and must not seem to be. */
async function assertChecksumKept(
  { headers }: S3Request,
  { name, storage }: Completion,
): Promise<void> {
  const type = parseChecksumType(headers)
  if (type === undefined && findResultChecksum(headers) === undefined) return
  const upload = await findUpload(name, storage)
  if (upload === undefined) return
  if (upload.checksum !== undefined && (type ?? upload.checksum.type) === upload.checksum.type) {
    return
  }
  throw new S3Error('InvalidRequest', {
    message: 'The upload was not created with the checksum type or algorithm that you provided.',
  })
}

/**
 * `undefined` for one that is gone: it may have been completed, and `complete` answers the same
 * again.
 */
async function findUpload(name: UploadName, storage: Storage): Promise<Upload | undefined> {
  try {
    return (await storage.uploads.listParts(name, { limit: 0 })).upload
  } catch (error) {
    if (isStorageError(error, 'NoSuchUpload')) return undefined
    throw error
  }
}
