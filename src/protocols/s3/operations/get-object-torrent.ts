import { S3Error } from '../errors.ts'
import { versionName } from '../named.ts'
import { onObject, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetObjectTorrent: objects have none, on AWS no more either */
export const getObjectTorrent: S3Operation = {
  name: 'GetObjectTorrent',
  method: 'GET',
  on: 'object',
  selectors: ['?torrent'],
  support: 'partly',

  access: (call) => [onObject('s3:GetObjectTorrent', call)],

  async run(request, storage) {
    await storage.objects.head(versionName(request), {})
    throw new S3Error('NoSuchTorrent')
  },
}
