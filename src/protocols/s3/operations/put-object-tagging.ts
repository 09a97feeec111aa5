import { keysOfTags } from '../access/written-keys.ts'
import { assertAllowed } from '../admit.ts'
import { emptyAnswer, versionHeaders } from '../answer.ts'
import { versionAccess, versionName } from '../named.ts'
import { changeOptions, type S3Operation } from '../operation.ts'
import { OBJECT_TAGS, parseTagging } from '../tagging.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutObjectTagging */
export const putObjectTagging: S3Operation = {
  name: 'PutObjectTagging',
  method: 'PUT',
  on: 'object',
  selectors: ['?tagging'],

  /** Asked for when the tags are known, for policies may look at them. */
  access: () => [],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const tags = parseTagging(await readXml(request, { root: 'Tagging' }), OBJECT_TAGS)
    const check = versionAccess(request, { verb: 'PutObject', what: 'Tagging' })
    await assertAllowed(request, { ...check, keys: keysOfTags(tags) })
    const version = await storage.objects.update(
      versionName(request),
      { kind: 'tags', tags },
      changeOptions(request),
    )
    return emptyAnswer(200, versionHeaders(bucket, version))
  },
}
