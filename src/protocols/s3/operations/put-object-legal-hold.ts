import { keysOfLegalHold } from '../access/written-keys.ts'
import { assertAllowed } from '../admit.ts'
import { emptyAnswer, versionHeaders } from '../answer.ts'
import { versionName } from '../named.ts'
import { assertLockEnabled, parseLegalHoldDocument } from '../object-lock.ts'
import { changeOptions, onObject, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutObjectLegalHold */
export const putObjectLegalHold: S3Operation = {
  name: 'PutObjectLegalHold',
  method: 'PUT',
  on: 'object',
  selectors: ['?legal-hold'],

  /** Asked for when the hold is known, for policies may look at it. */
  access: () => [],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const legalHold = parseLegalHoldDocument(await readXml(request, { root: 'LegalHold' }))
    const check = onObject('s3:PutObjectLegalHold', versionName(request))
    await assertAllowed(request, { ...check, keys: keysOfLegalHold(legalHold ? 'ON' : 'OFF') })
    assertLockEnabled(bucket)
    const version = await storage.objects.update(
      versionName(request),
      { kind: 'legal-hold', legalHold },
      changeOptions(request),
    )
    return emptyAnswer(200, versionHeaders(bucket, version))
  },
}
