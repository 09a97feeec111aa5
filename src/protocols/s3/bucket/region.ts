// Where a bucket is said to be. There is one place, but clients sign for the region that they are
// told, so it must be one that is accepted, and best the one that they asked for.
import { findChildText, type XmlElement } from '../../../base/xml.ts'
import type { NamedContent } from '../../../storage/object-store.ts'
import type { Storage } from '../../../storage/storage.ts'
import { S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'

/** Of buckets that were created without a word about it, as on AWS. */
export const DEFAULT_REGION = 'us-east-1'

const REGION_DOCUMENT = 'region'
const REGION = /^[a-zA-Z0-9-]{1,63}$/

/** The only region that the server accepts, else the one that the bucket was created for. */
export async function findRegion(
  call: Pick<S3Call, 'bucket' | 'site'>,
  storage: Storage,
): Promise<string> {
  await storage.buckets.get(call.bucket)
  if (call.site.region !== undefined) return call.site.region
  const document = await storage.documents.find(call.bucket, REGION_DOCUMENT)
  if (document === undefined) return DEFAULT_REGION
  const { region }: { readonly region: string } = JSON.parse(document.content)
  return region
}

/**
 * What CreateBucketConfiguration asks for; undefined when it leaves the choice.
 * @throws S3Error `InvalidLocationConstraint`, `IllegalLocationConstraint`
 */
export function parseLocationConstraint(
  configuration: XmlElement | undefined,
  { site }: Pick<S3Call, 'site'>,
): string | undefined {
  const asked = configuration && findChildText(configuration, 'LocationConstraint')?.trim()
  if (asked === undefined || asked === '') return undefined
  const fields = { LocationConstraint: asked }
  if (!REGION.test(asked)) throw new S3Error('InvalidLocationConstraint', { fields })
  if (site.region === undefined || site.region === asked) return asked
  throw new S3Error('IllegalLocationConstraint', {
    message: `The ${asked} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  })
}

/** What a bucket is created with, so that `findRegion` finds it. */
export function regionDocuments(region: string | undefined): readonly NamedContent[] {
  if (region === undefined || region === DEFAULT_REGION) return []
  return [{ name: REGION_DOCUMENT, content: JSON.stringify({ region }) }]
}
