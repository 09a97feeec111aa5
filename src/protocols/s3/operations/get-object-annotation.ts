import { xmlText } from '../../../base/xml.ts'
import { findParameter } from '../../http/query.ts'
import { xmlAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { versionName } from '../named.ts'
import { onObject, type S3Call, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetObjectAnnotation, ListObjectAnnotations: objects have none */
export const getObjectAnnotation: S3Operation = {
  name: 'GetObjectAnnotation',
  includes: ['ListObjectAnnotations'],
  method: 'GET',
  on: 'object',
  selectors: ['?annotation'],
  support: 'partly',

  access: (call) => [
    onObject(`s3:${isNamed(call) ? 'GetObjectAnnotation' : 'ListObjectAnnotations'}`, call),
  ],

  async run(request, storage) {
    await storage.objects.head(versionName(request), {})
    if (isNamed(request)) throw new S3Error('NoSuchAnnotation')
    return xmlAnswer('ListObjectAnnotationsResult', [
      xmlText('Bucket', request.bucket),
      xmlText('Key', request.key),
      xmlText('AnnotationCount', 0),
    ])
  },
}

function isNamed({ query }: S3Call): boolean {
  return findParameter(query, 'annotationName') !== undefined
}
