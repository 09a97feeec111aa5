import { xmlAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { versionName } from '../named.ts'
import { assertLockEnabled, renderRetention } from '../object-lock.ts'
import { onObject, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetObjectRetention */
export const getObjectRetention: S3Operation = {
  name: 'GetObjectRetention',
  method: 'GET',
  on: 'object',
  selectors: ['?retention'],

  access: (call) => [onObject('s3:GetObjectRetention', versionName(call))],

  async run(request, storage) {
    assertLockEnabled(await storage.buckets.get(request.bucket))
    const { version } = await storage.objects.head(versionName(request), {})
    if (version.retention === undefined) throw new S3Error('NoRetention')
    return xmlAnswer('Retention', renderRetention(version.retention))
  },
}
