import { hideFacts } from '../access/hidden-facts.ts'
import { versionHeaders } from '../answer.ts'
import { objectHeaders, objectStatus } from '../object-headers.ts'
import type { S3Operation } from '../operation.ts'
import { readAccess, readOptions, versionName } from '../named.ts'

/** @see S3 API Reference, GetObject */
export const getObject: S3Operation = {
  name: 'GetObject',
  method: 'GET',
  on: 'object',
  selectors: [],
  parameters: ['partNumber'],

  access: (call) => [readAccess(call)],

  async run(request, storage) {
    const options = readOptions(request)
    const bucket = await storage.buckets.get(request.bucket)
    const opened = await storage.objects.get(versionName(request), options)
    const shown = await hideFacts(opened, request).catch(async (error: unknown) => {
      await opened.bytes.return()
      throw error
    })
    return {
      status: objectStatus(opened, options),
      headers: {
        ...objectHeaders(shown, { call: request, options }),
        ...versionHeaders(bucket, opened.version),
      },
      body: opened.bytes,
    }
  },
}
