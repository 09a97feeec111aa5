import { xmlText } from '../../../base/xml.ts'
import { xmlAnswer } from '../answer.ts'
import { versionName } from '../named.ts'
import { assertLockEnabled } from '../object-lock.ts'
import { onObject, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetObjectLegalHold */
export const getObjectLegalHold: S3Operation = {
  name: 'GetObjectLegalHold',
  method: 'GET',
  on: 'object',
  selectors: ['?legal-hold'],

  access: (call) => [onObject('s3:GetObjectLegalHold', versionName(call))],

  async run(request, storage) {
    assertLockEnabled(await storage.buckets.get(request.bucket))
    const { version } = await storage.objects.head(versionName(request), {})
    return xmlAnswer('LegalHold', [xmlText('Status', version.legalHold ? 'ON' : 'OFF')])
  },
}
