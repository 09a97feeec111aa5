import { findChildText } from '../../../base/xml.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutBucketVersioning */
export const putBucketVersioning: S3Operation = {
  name: 'PutBucketVersioning',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?versioning'],

  access: (call) => [onBucket('s3:PutBucketVersioning', call)],

  async run(request, storage) {
    const document = await readXml(request, { root: 'VersioningConfiguration' })
    if (findChildText(document, 'MfaDelete') === 'Enabled') {
      throw new S3Error('NotImplemented', { message: 'MFA delete is not implemented.' })
    }
    const versioning = parseStatus(findChildText(document, 'Status'))
    await storage.buckets.update(request.bucket, { versioning }, changeOptions(request))
    return emptyAnswer(200)
  },
}

function parseStatus(status: string | undefined): 'enabled' | 'suspended' {
  if (status === 'Enabled') return 'enabled'
  if (status === 'Suspended') return 'suspended'
  throw new S3Error(status === undefined ? 'IllegalVersioningConfiguration' : 'MalformedXML')
}
