import { findChildText, type XmlElement } from '../../../base/xml.ts'
import {
  PUBLIC_ACCESS_DOCUMENT,
  renderPublicAccessBlock,
} from '../../../services/access/bucket-access.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** Settings that are not named are off. @see S3 API Reference, PutPublicAccessBlock */
export const putPublicAccessBlock: S3Operation = {
  name: 'PutPublicAccessBlock',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?publicAccessBlock'],

  access: (call) => [onBucket('s3:PutBucketPublicAccessBlock', call)],

  async run(request, storage) {
    const configuration = await readXml(request, { root: 'PublicAccessBlockConfiguration' })
    const content = renderPublicAccessBlock({
      blockPublicAcls: parseFlag(configuration, 'BlockPublicAcls'),
      ignorePublicAcls: parseFlag(configuration, 'IgnorePublicAcls'),
      blockPublicPolicy: parseFlag(configuration, 'BlockPublicPolicy'),
      restrictPublicBuckets: parseFlag(configuration, 'RestrictPublicBuckets'),
    })
    const document = { name: PUBLIC_ACCESS_DOCUMENT, content }
    await storage.documents.put(request.bucket, document, changeOptions(request))
    return emptyAnswer(200)
  },
}

/** Python's clients write `True`. */
function parseFlag(configuration: XmlElement, name: string): boolean {
  const text = findChildText(configuration, name)?.trim().toLowerCase() ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new S3Error('MalformedXML')
}
