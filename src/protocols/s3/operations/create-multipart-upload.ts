import { xmlText } from '../../../base/xml.ts'
import { writeAccess } from '../admit.ts'
import { xmlAnswer } from '../answer.ts'
import { parseUploadChecksum, renderChecksumType } from '../checksums.ts'
import { objectName } from '../named.ts'
import { readNewVersion } from '../new-version.ts'
import { changeOptions, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, CreateMultipartUpload */
export const createMultipartUpload: S3Operation = {
  name: 'CreateMultipartUpload',
  method: 'POST',
  on: 'object',
  selectors: ['?uploads'],

  access: writeAccess,

  async run(request, storage) {
    const { bucket, key } = request
    const checksum = parseUploadChecksum(request.headers)
    const { uploadId } = await storage.uploads.begin(objectName(request), {
      ...changeOptions(request),
      ...(await readNewVersion(request, storage)),
      ...(checksum && { checksum }),
    })
    return xmlAnswer(
      'InitiateMultipartUploadResult',
      [xmlText('Bucket', bucket), xmlText('Key', key), xmlText('UploadId', uploadId)],
      {
        'x-amz-checksum-algorithm': checksum?.algorithm,
        'x-amz-checksum-type': checksum && renderChecksumType(checksum.type),
      },
    )
  },
}
