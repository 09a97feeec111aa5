import { emptyAnswer } from '../answer.ts'
import { renderTags } from '../bucket/bucket-tags.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'
import { BUCKET_TAGS, parseTagging } from '../tagging.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutBucketTagging */
export const putBucketTagging: S3Operation = {
  name: 'PutBucketTagging',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?tagging'],

  access: (call) => [onBucket('s3:PutBucketTagging', call)],

  async run(request, storage) {
    const tags = parseTagging(await readXml(request, { root: 'Tagging' }), BUCKET_TAGS)
    await storage.documents.put(request.bucket, renderTags(tags), changeOptions(request))
    return emptyAnswer(204)
  },
}
