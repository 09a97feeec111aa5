import { xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import { LIMITS } from '../../../storage/limits.ts'
import type { Bucket, ListBucketsOptions } from '../../../storage/object-store.ts'
import { isStorageError } from '../../../storage/storage-error.ts'
import type { Storage } from '../../../storage/storage.ts'
import { renderAccount, xmlAnswer } from '../answer.ts'
import { invalidArgument } from '../errors.ts'
import { findRegion } from '../bucket/region.ts'
import { decodeToken, encodeToken, findText } from '../listing.ts'
import type { S3Operation, S3Request } from '../operation.ts'

/** @see S3 API Reference, ListBuckets */
export const listBuckets: S3Operation = {
  name: 'ListBuckets',
  method: 'GET',
  on: 'service',
  selectors: [],

  access: () => [{ action: 's3:ListAllMyBuckets', resource: {} }],

  async run(request, storage) {
    const owner = request.caller.account
    const { buckets, next } = await collectBuckets(request, storage)
    return xmlAnswer('ListAllMyBucketsResult', [
      renderAccount('Owner', request.site.accounts.describe(owner)),
      xmlElement('Buckets', buckets.map(renderBucket)),
      xmlText('ContinuationToken', next && encodeToken(next)),
      xmlText('Prefix', findText(request.query, 'prefix')),
    ])
  },
}

type ListedBucket = Pick<Bucket, 'name' | 'createdAt'> & { readonly region: string | undefined }

type Collected = { readonly buckets: readonly ListedBucket[]; readonly next: string | undefined }

/** A page of S3 is larger than one of storage. */
async function collectBuckets(request: S3Request, storage: Storage): Promise<Collected> {
  const prefix = findText(request.query, 'prefix')
  const token = findText(request.query, 'continuation-token')
  const limit = parseMaxBuckets(request)
  const buckets: ListedBucket[] = []
  let after = token && decodeToken(token)
  do {
    const options = {
      owner: request.caller.account,
      limit: Math.min(limit - buckets.length, LIMITS.listPage),
      ...(prefix !== undefined && { prefix }),
      ...(after !== undefined && { after }),
    }
    const page = await listPage(request, { options, storage })
    buckets.push(...page.buckets)
    after = page.next
  } while (after !== undefined && buckets.length < limit)
  return { buckets, next: after }
}

type Page = { readonly options: ListBucketsOptions; readonly storage: Storage }

/** Regions are shown, as on AWS, to those who ask for anything at all; each is a look-up. */
async function listPage(request: S3Request, { options, storage }: Page): Promise<Collected> {
  const { buckets, next } = await storage.buckets.list(options)
  if (!PARAMETERS.some((name) => findText(request.query, name) !== undefined)) {
    return { buckets: buckets.map((bucket) => ({ ...bucket, region: undefined })), next }
  }
  const wanted = findText(request.query, 'bucket-region')
  const listed: ListedBucket[] = []
  for (const bucket of buckets) {
    const region = await findRegionOf(bucket, { site: request.site, storage })
    if (region === undefined || (wanted ?? region) !== region) continue
    listed.push({ ...bucket, region })
  }
  return { buckets: listed, next }
}

const PARAMETERS = ['bucket-region', 'continuation-token', 'max-buckets', 'prefix']

/** Undefined for a bucket that was deleted meanwhile. */
async function findRegionOf(
  { name }: Bucket,
  { site, storage }: Pick<S3Request, 'site'> & Pick<Page, 'storage'>,
): Promise<string | undefined> {
  try {
    return await findRegion({ bucket: name, site }, storage)
  } catch (error) {
    if (isStorageError(error, 'NoSuchBucket')) return undefined
    throw error
  }
}

const MAX_BUCKETS = 10_000

function parseMaxBuckets({ query }: S3Request): number {
  const value = findText(query, 'max-buckets')
  if (value === undefined) return MAX_BUCKETS
  const limit = /^\d{1,5}$/.test(value) ? Number(value) : 0
  if (limit >= 1 && limit <= MAX_BUCKETS) return limit
  throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS}`, {
    name: 'max-buckets',
    value,
  })
}

function renderBucket({ name, createdAt, region }: ListedBucket): Xml {
  return xmlElement('Bucket', [
    xmlText('Name', name),
    xmlText('CreationDate', createdAt),
    xmlText('BucketRegion', region),
  ])
}
