import { emptyAnswer, versionHeaders } from '../answer.ts'
import { versionAccess, versionName } from '../named.ts'
import { changeOptions, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeleteObjectTagging */
export const deleteObjectTagging: S3Operation = {
  name: 'DeleteObjectTagging',
  method: 'DELETE',
  on: 'object',
  selectors: ['?tagging'],

  access: (call) => [versionAccess(call, { verb: 'DeleteObject', what: 'Tagging' })],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const version = await storage.objects.update(
      versionName(request),
      { kind: 'tags', tags: [] },
      changeOptions(request),
    )
    return emptyAnswer(204, versionHeaders(bucket, version))
  },
}
