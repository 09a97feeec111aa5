// Which operation a request asks for. Pure: method, raw path, query and headers in, a route out.
import { findHostedBucket } from '../http/proxy/virtual-host.ts'
import { decodePercent, type Query } from '../http/query.ts'
import type { HttpRequest } from '../http/request.ts'
import { LIMITS } from '../../storage/limits.ts'
import type { OperationShape, ResourceKind } from './operation.ts'
import { S3Error } from './errors.ts'

export type Route<Shape> = {
  readonly operation: Shape
  readonly bucket: string
  readonly key: string
}

export type Routable = Pick<HttpRequest, 'method' | 'host' | 'rawPath' | 'query' | 'headers'>

export type Router<Shape> = (request: Routable) => Route<Shape>

/**
 * Chooses among `shapes`, the most specific match first. A parameter that selects any operation at
 * all must have selected this one or be allowed by it: `DELETE /bucket?analytics` never deletes the
 * bucket. Subdomains of `domains` name buckets.
 */
export function createRouter<Shape extends OperationShape>(
  shapes: readonly Shape[],
  domains: readonly string[] = [],
): Router<Shape> {
  const candidates = Map.groupBy(shapes.toSorted(bySpecificity), ({ method, on }) => method + on)
  const subResources = new Set(shapes.flatMap((shape) => shape.selectors.flatMap(parameterOf)))
  return (request) => {
    const { bucket, key } = locate(request, domains)
    const shape = candidates
      .get(request.method + kindOf(bucket, key))
      ?.find(({ selectors }) => selectors.every((selector) => isPresent(selector, request)))
    const stray = shape && findStray(shape, { query: request.query, subResources })
    if (shape === undefined || stray !== undefined) throw notAllowed(request.method, stray)
    return { operation: shape, bucket, key }
  }
}

/**
 * The bucket and key that a request is for, whether its host or its path names the bucket. Dot
 * segments and double slashes belong to the key.
 * @throws S3Error `InvalidURI`, `KeyTooLong`
 */
export function locate(
  { host, rawPath }: Pick<Routable, 'host' | 'rawPath'>,
  domains: readonly string[] = [],
): Pick<Route<unknown>, 'bucket' | 'key'> {
  const hosted = findHostedBucket(host, domains)
  const slash = hosted === undefined ? rawPath.indexOf('/', 1) : 0
  const rawBucket = slash === -1 ? rawPath.slice(1) : rawPath.slice(1, slash)
  const bucket = hosted ?? decodePercent(rawBucket)
  const key = slash === -1 ? '' : decodePercent(rawPath.slice(slash + 1))
  if (bucket === undefined || key === undefined || (bucket === '' && key !== '')) {
    throw new S3Error('InvalidURI', { fields: { URI: rawPath } })
  }
  assertKeyLength(key)
  return { bucket, key }
}

function assertKeyLength(key: string): void {
  if (key.length * 3 <= LIMITS.keyBytes) return
  const size = Buffer.byteLength(key)
  if (size <= LIMITS.keyBytes) return
  throw new S3Error('KeyTooLong', {
    fields: { Size: String(size), MaxSizeAllowed: String(LIMITS.keyBytes) },
  })
}

function kindOf(bucket: string, key: string): ResourceKind {
  if (bucket === '') return 'service'
  return key === '' ? 'bucket' : 'object'
}

/** More selectors first; of as many, those in the query before those in headers. */
function bySpecificity(one: OperationShape, other: OperationShape): number {
  return weigh(other) - weigh(one)
}

function weigh({ selectors }: OperationShape): number {
  return selectors.length * 100 + selectors.filter((name) => name.startsWith('?')).length
}

function isPresent(selector: string, { query, headers }: Routable): boolean {
  if (!selector.startsWith('?')) return headers[selector] !== undefined
  const equals = selector.indexOf('=')
  if (equals === -1) return query.some(({ name }) => `?${name}` === selector)
  return query.some(({ name, value }) => `?${name}=${value}` === selector)
}

/** The query parameter that a selector names, if it is one. */
function parameterOf(selector: string): readonly string[] {
  const [, name] = /^\?([^=]+)/.exec(selector) ?? []
  return name === undefined ? [] : [name]
}

function findStray(
  shape: OperationShape,
  { query, subResources }: { readonly query: Query; readonly subResources: ReadonlySet<string> },
): string | undefined {
  return query.find(
    ({ name }) =>
      subResources.has(name) &&
      shape.parameters?.includes(name) !== true &&
      !shape.selectors.some((selector) => parameterOf(selector).includes(name)),
  )?.name
}

function notAllowed(method: string, stray: string | undefined): S3Error {
  return new S3Error('MethodNotAllowed', {
    fields: {
      Method: method,
      ...(stray === undefined ? {} : { ResourceType: stray.toUpperCase() }),
    },
  })
}
