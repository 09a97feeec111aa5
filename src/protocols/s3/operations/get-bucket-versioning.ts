import { xmlText } from '../../../base/xml.ts'
import type { Versioning } from '../../../storage/object-store.ts'
import { xmlAnswer } from '../answer.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketVersioning */
export const getBucketVersioning: S3Operation = {
  name: 'GetBucketVersioning',
  method: 'GET',
  on: 'bucket',
  selectors: ['?versioning'],

  access: (call) => [onBucket('s3:GetBucketVersioning', call)],

  async run(request, storage) {
    const { versioning } = await storage.buckets.get(request.bucket)
    return xmlAnswer('VersioningConfiguration', [xmlText('Status', STATUS[versioning])])
  },
}

const STATUS: Readonly<Record<Versioning, string | undefined>> = {
  unversioned: undefined,
  enabled: 'Enabled',
  suspended: 'Suspended',
}
