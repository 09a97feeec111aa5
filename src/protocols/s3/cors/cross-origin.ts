// What scripts of other origins are told: preflights, and the headers of all other answers.
import { isStorageError } from '../../../storage/storage-error.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findHeader, type HttpHeaders, type HttpRequest } from '../../http/request.ts'
import type { HttpResponse, ResponseHeaders } from '../../http/response.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { type CorsRule, findCorsRules } from './cors-rules.ts'
import { corsHeaders, type CrossOriginRequest, findCorsRule } from './match-cors.ts'

type Asked = { readonly bucket: string; readonly key: string; readonly storage: Storage }

/**
 * The answer to OPTIONS. Browsers ask without credentials, so nobody is authenticated; whether the
 * key is there does not matter.
 * @see S3 API Reference, OPTIONS object
 * @throws S3Error `PreflightIncomplete`, `CorsNotEnabled`, `CorsNotAllowed`
 */
export async function answerPreflight(
  { headers }: Pick<HttpRequest, 'headers'>,
  { bucket, key, storage }: Asked,
): Promise<HttpResponse> {
  if (findHeader(headers, 'origin') === undefined) {
    throw new S3Error('PreflightIncomplete', {
      message: 'Insufficient information. Origin request header needed.',
    })
  }
  const method = findHeader(headers, REQUEST_METHOD)
  const rules = await getRules(bucket, { storage, method: method ?? 'OPTIONS' })
  if (method === undefined) {
    throw new S3Error('PreflightIncomplete', {
      message: 'Invalid Access-Control-Request-Method: null',
    })
  }
  const request = parseCrossOrigin(headers, method)
  const rule = findCorsRule(rules, request)
  if (rule !== undefined) return emptyAnswer(200, corsHeaders(rule, request))
  const ResourceType = key === '' ? 'BUCKET' : 'OBJECT'
  throw new S3Error('CorsNotAllowed', {
    message: NOT_ALLOWED,
    fields: { Method: method, ResourceType },
  })
}

/** In AWS's words and spelling. */
const NOT_ALLOWED =
  'CORSResponse: This CORS request is not allowed. This is usually because the evalution of ' +
  'Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are ' +
  "not whitelisted by the resource's CORS spec."

/**
 * What any other answer says to the browser, errors included; nothing where no rule matches. Costs
 * nothing without `Origin`, else one look-up. Headers that are really sent are not compared with
 * the rules: that was the preflight's part.
 */
export async function findCorsHeaders(
  { method, headers }: Pick<HttpRequest, 'method' | 'headers'>,
  { bucket, storage }: Omit<Asked, 'key'>,
): Promise<ResponseHeaders> {
  if (headers['origin'] === undefined || bucket === '') return {}
  const rules = await findRules(bucket, storage)
  if (rules === undefined || rules === 'NoSuchBucket') return {}
  const request = parseCrossOrigin(headers, findHeader(headers, REQUEST_METHOD) ?? method)
  const rule = findCorsRule(rules, request)
  return rule === undefined ? {} : corsHeaders(rule, request)
}

const REQUEST_METHOD = 'access-control-request-method'

function parseCrossOrigin(headers: HttpHeaders, method: string): CrossOriginRequest {
  const announced = findHeader(headers, 'access-control-request-headers') ?? ''
  return {
    origin: findHeader(headers, 'origin') ?? '',
    method,
    headers: announced
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
  }
}

async function getRules(
  bucket: string,
  { storage, method }: { readonly storage: Storage; readonly method: string },
): Promise<readonly CorsRule[]> {
  const rules = await findRules(bucket, storage)
  if (rules !== undefined && rules !== 'NoSuchBucket') return rules
  throw new S3Error('CorsNotEnabled', {
    ...(rules === 'NoSuchBucket' && { message: 'CORSResponse: Bucket not found' }),
    fields: { Method: method, ResourceType: 'BUCKET' },
  })
}

async function findRules(
  bucket: string,
  storage: Storage,
): Promise<readonly CorsRule[] | 'NoSuchBucket' | undefined> {
  try {
    return bucket === '' ? 'NoSuchBucket' : await findCorsRules(bucket, storage)
  } catch (error) {
    if (isStorageError(error, 'NoSuchBucket')) return 'NoSuchBucket'
    throw error
  }
}
