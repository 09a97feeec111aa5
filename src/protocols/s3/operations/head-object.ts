import { hideFacts } from '../access/hidden-facts.ts'
import { versionHeaders } from '../answer.ts'
import { objectHeaders, objectStatus } from '../object-headers.ts'
import type { S3Operation } from '../operation.ts'
import { readAccess, readOptions, versionName } from '../named.ts'

/** @see S3 API Reference, HeadObject */
export const headObject: S3Operation = {
  name: 'HeadObject',
  method: 'HEAD',
  on: 'object',
  selectors: [],
  parameters: ['partNumber'],

  access: (call) => [readAccess(call)],

  async run(request, storage) {
    const options = readOptions(request)
    const bucket = await storage.buckets.get(request.bucket)
    const found = await hideFacts(
      await storage.objects.head(versionName(request), options),
      request,
    )
    return {
      status: objectStatus(found, options),
      headers: {
        ...objectHeaders(found, { call: request, options }),
        ...versionHeaders(bucket, found.version),
      },
    }
  },
}
