import { xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import { LIMITS } from '../../../storage/limits.ts'
import type { Bucket, BucketPage } from '../../../storage/object-store.ts'
import type { Storage } from '../../../storage/storage.ts'
import { renderAccount, xmlAnswer } from '../answer.ts'
import { invalidArgument } from '../errors.ts'
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

/** A page of S3 is larger than one of storage. */
async function collectBuckets(request: S3Request, storage: Storage): Promise<BucketPage> {
  const prefix = findText(request.query, 'prefix')
  const token = findText(request.query, 'continuation-token')
  const limit = parseMaxBuckets(request)
  const buckets: Bucket[] = []
  let after = token && decodeToken(token)
  do {
    const page = await storage.buckets.list({
      owner: request.caller.account,
      limit: Math.min(limit - buckets.length, LIMITS.listPage),
      ...(prefix !== undefined && { prefix }),
      ...(after !== undefined && { after }),
    })
    buckets.push(...page.buckets)
    after = page.next
  } while (after !== undefined && buckets.length < limit)
  return { buckets, ...(after !== undefined && { next: after }) }
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

function renderBucket({ name, createdAt }: Bucket): Xml {
  return xmlElement('Bucket', [xmlText('Name', name), xmlText('CreationDate', createdAt)])
}
