import { xmlElement, xmlText } from '../../../base/xml.ts'
import { xmlAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { findDefaultRetention } from '../object-lock.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetObjectLockConfiguration */
export const getObjectLockConfiguration: S3Operation = {
  name: 'GetObjectLockConfiguration',
  method: 'GET',
  on: 'bucket',
  selectors: ['?object-lock'],

  access: (call) => [onBucket('s3:GetBucketObjectLockConfiguration', call)],

  async run({ bucket }, storage) {
    const { objectLock } = await storage.buckets.get(bucket)
    if (!objectLock)
      throw new S3Error('NoObjectLockConfiguration', { fields: { BucketName: bucket } })
    const rule = await findDefaultRetention(bucket, storage)
    const defaultRetention = rule && [
      xmlText('Mode', rule.mode),
      xmlText('Days', rule.days),
      xmlText('Years', rule.years),
    ]
    return xmlAnswer('ObjectLockConfiguration', [
      xmlText('ObjectLockEnabled', 'Enabled'),
      defaultRetention && xmlElement('Rule', [xmlElement('DefaultRetention', defaultRetention)]),
    ])
  },
}
