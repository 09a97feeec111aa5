// What an S3 operation is. The folder operations/ holds one file for each.
import type { HttpResponse } from '../http/response.ts'
import { findHeader, type HttpRequest } from '../http/request.ts'
import type { IncomingBytes } from '../../storage/incoming-bytes.ts'
import type { ChangeOptions } from '../../storage/object-store.ts'
import type { Storage } from '../../storage/storage.ts'

/** How a request is recognised, and nothing more: what AWS has and Coffer has not is only this. */
export type OperationShape = {
  /** As AWS names it, e.g. `UploadPartCopy`. */
  readonly name: string
  readonly method: 'GET' | 'PUT' | 'POST' | 'HEAD' | 'DELETE'
  readonly on: ResourceKind
  /**
   * What selects it: `?uploads` and `?list-type=2` are query parameters, `x-amz-copy-source` is a
   * header. The most specific match wins. Empty for the plain form.
   */
  readonly selectors: readonly string[]
  /** Query parameters that select other operations and are mere parameters here. */
  readonly parameters?: readonly string[]
}

export type ResourceKind = 'service' | 'bucket' | 'object'

export type S3Operation = OperationShape & {
  /** Whether `x-amz-checksum-…` headers are about the object that results, not about the body. */
  readonly describesResult?: true
  /** What the caller must be allowed to do. Several for copies; DeleteObjects asks key by key. */
  access(call: S3Call): readonly AccessCheck[]
  run(request: S3Request, storage: Storage): Promise<HttpResponse>
}

export function isImplemented(shape: OperationShape): shape is S3Operation {
  return 'run' in shape
}

/** A request whose caller is known and whose body nobody has touched. */
export type S3Call = Pick<HttpRequest, 'headers' | 'query'> & {
  readonly http: HttpRequest
  /** Empty on the service. */
  readonly bucket: string
  /** Empty on a bucket. */
  readonly key: string
  readonly caller: Caller
  /** When it arrived. */
  readonly at: Date
  isAllowed(check: AccessCheck): Promise<boolean>
}

/** What an operation gets: the call, and its body without chunk framing. */
export type S3Request = S3Call & { readonly body: IncomingBytes }

/** Who signed the request. */
export type Caller = {
  /** The account that owns what the caller makes. */
  readonly account: string
  readonly identity: string
}

/** One thing that one caller wants to do, in the words of AWS policies. */
export type AccessCheck = {
  /** E.g. `s3:PutObject`. */
  readonly action: string
  /** E.g. `arn:aws:s3:::bucket/key`. */
  readonly resource: string
}

/** Whether a caller may do something. */
export type Authorize = (caller: Caller, check: AccessCheck) => Promise<boolean>

export function onBucket(action: string, call: Pick<S3Call, 'bucket'>): AccessCheck {
  return { action, resource: `arn:aws:s3:::${call.bucket}` }
}

export function onObject(action: string, name: { bucket: string; key: string }): AccessCheck {
  return { action, resource: `arn:aws:s3:::${name.bucket}/${name.key}` }
}

/** Who makes a change and through what, and when to give up. */
export function changeOptions({ http, caller }: S3Call): ChangeOptions {
  const { account, identity } = caller
  return {
    origin: {
      account,
      identity,
      requestId: http.id,
      sourceAddress: http.remoteAddress,
      userAgent: findHeader(http.headers, 'user-agent') ?? '',
      ancestry: [],
    },
    signal: http.signal,
  }
}
