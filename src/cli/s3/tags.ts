import { findChild, findChildren, findChildText } from '../../base/xml.ts'
import type { S3Client } from './client.ts'
import type { Source } from './read-object.ts'

/** The tags of an object, as pairs of name and value. */
export async function getTags(
  client: S3Client,
  { bucket, key, versionId }: Source,
): Promise<readonly (readonly [name: string, value: string])[]> {
  const root = await client.ask({ method: 'GET', bucket, key, query: { tagging: '', versionId } })
  const set = findChild(root, 'TagSet')
  return (set === undefined ? [] : findChildren(set, 'Tag')).map((tag) => [
    findChildText(tag, 'Key') ?? '',
    findChildText(tag, 'Value') ?? '',
  ])
}
