import { versionHeaders, xmlAnswer } from '../answer.ts'
import { versionAccess, versionName } from '../named.ts'
import type { S3Operation } from '../operation.ts'
import { renderTagSet } from '../tagging.ts'

/** @see S3 API Reference, GetObjectTagging */
export const getObjectTagging: S3Operation = {
  name: 'GetObjectTagging',
  method: 'GET',
  on: 'object',
  selectors: ['?tagging'],

  access: (call) => [versionAccess(call, { verb: 'GetObject', what: 'Tagging' })],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const { version } = await storage.objects.head(versionName(request), {})
    return xmlAnswer('Tagging', [renderTagSet(version.tags)], versionHeaders(bucket, version))
  },
}
