import { emptyAnswer } from '../answer.ts'
import { uploadName } from '../named.ts'
import { changeOptions, onUpload, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, AbortMultipartUpload */
export const abortMultipartUpload: S3Operation = {
  name: 'AbortMultipartUpload',
  method: 'DELETE',
  on: 'object',
  selectors: ['?uploadId'],

  access: (call) => [onUpload('s3:AbortMultipartUpload', uploadName(call))],

  async run(request, storage) {
    await storage.uploads.abort(uploadName(request), changeOptions(request))
    return emptyAnswer(204)
  },
}
