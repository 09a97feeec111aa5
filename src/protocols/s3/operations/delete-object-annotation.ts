import { emptyAnswer } from '../answer.ts'
import { versionName } from '../named.ts'
import { onObject, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeleteObjectAnnotation: objects have none */
export const deleteObjectAnnotation: S3Operation = {
  name: 'DeleteObjectAnnotation',
  method: 'DELETE',
  on: 'object',
  selectors: ['?annotation'],
  support: 'partly',

  access: (call) => [onObject('s3:DeleteObjectAnnotation', call)],

  async run(request, storage) {
    await storage.objects.head(versionName(request), {})
    return emptyAnswer(204)
  },
}
