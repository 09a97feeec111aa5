import { keysOfRetention } from '../access/written-keys.ts'
import { assertAllowed } from '../admit.ts'
import { emptyAnswer, versionHeaders } from '../answer.ts'
import { versionName } from '../named.ts'
import { assertLockEnabled, isBypassingGovernance, parseRetention } from '../object-lock.ts'
import { changeOptions, onObject, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutObjectRetention */
export const putObjectRetention: S3Operation = {
  name: 'PutObjectRetention',
  method: 'PUT',
  on: 'object',
  selectors: ['?retention'],

  /** The rest is asked for when the retention is known, for policies may look at it. */
  access: (call) =>
    isBypassingGovernance(call.headers)
      ? [onObject('s3:BypassGovernanceRetention', versionName(call))]
      : [],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const retention = parseRetention(await readXml(request, { root: 'Retention' }), request.at)
    const check = onObject('s3:PutObjectRetention', versionName(request))
    await assertAllowed(request, { ...check, keys: keysOfRetention(retention, request.at) })
    assertLockEnabled(bucket)
    const version = await storage.objects.update(
      versionName(request),
      { kind: 'retention', retention },
      { ...changeOptions(request), bypassGovernance: isBypassingGovernance(request.headers) },
    )
    return emptyAnswer(200, versionHeaders(bucket, version))
  },
}
