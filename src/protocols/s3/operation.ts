// What an S3 operation is. The folder operations/ holds one file for each.
import type { PublicUrl } from '../http/proxy/public-url.ts'
import type { HttpResponse } from '../http/response.ts'
import { findHeader, type HttpHeaders, type HttpRequest } from '../http/request.ts'
import type { FormFields } from '../http/signature/form-signature.ts'
import type { IncomingBytes } from '../../storage/incoming-bytes.ts'
import type {
  ChangeOptions,
  ObjectName,
  UploadName,
  VersionName,
} from '../../storage/object-store.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Accounts } from '../../services/access/accounts.ts'
import type { Caller } from '../../services/access/caller.ts'
import type { AccessQuestion, ConditionKeys, Decision } from '../../services/access/question.ts'

/** How a request is recognised. */
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
  /** Operations of AWS that look the same and are answered here. */
  readonly includes?: readonly string[]
  /** How much of it is carried out, for the compatibility page; the rest is refused. */
  readonly support?: 'partly' | 'no'
}

export type ResourceKind = 'service' | 'bucket' | 'object'

export type S3Operation = OperationShape & {
  /** Whether `x-amz-checksum-…` headers are about the object that results, not about the body. */
  readonly describesResult?: true
  /** What the caller must be allowed to do. Several for copies; DeleteObjects asks key by key. */
  access(call: S3Call): readonly AccessCheck[]
  run(request: S3Request, storage: Storage): Promise<HttpResponse>
}

/** A request whose caller is known and whose body nobody has touched. */
export type S3Call = Pick<HttpRequest, 'headers' | 'query'> & {
  readonly http: HttpRequest
  /** Empty on the service. */
  readonly bucket: string
  /** Empty on a bucket. */
  readonly key: string
  readonly caller: Caller
  /** The bucket that it is admitted to, if it may change something. */
  readonly meantFor?: ChangeOptions['meantFor'] | undefined
  /** When it arrived. */
  readonly at: Date
  readonly site: S3Site
  /** Whether the caller may; `admit.ts` has what throws when it may not. */
  decide(check: AccessCheck): Promise<Decision>
  /** The same call as the form in its body makes it, by whoever signed that. */
  submit(form: SubmittedForm): Promise<S3Call>
}

/** What takes the place of a request's own key and headers. */
export type SubmittedForm = {
  readonly key: string
  readonly fields: FormFields
  readonly headers: HttpHeaders
}

/** What all calls have in common. */
export type S3Site = {
  readonly accounts: Accounts
  /** The one that signatures must name; any when absent. */
  readonly region?: string | undefined
  /** Who may use ACLs: `private` buckets have them disabled, `acl` is AWS's default before 2023. */
  readonly newBuckets: 'private' | 'acl'
  /** Domains whose subdomains name buckets. */
  readonly domains?: readonly string[]
  /** Where clients find the server, when a proxy makes it another place than where they arrive. */
  readonly publicUrl?: PublicUrl | undefined
}

/** What an operation gets: the call, and its body without chunk framing. */
export type S3Request = S3Call & { readonly body: IncomingBytes }

/** One thing that a caller wants to do to one resource. */
export type AccessCheck = Pick<AccessQuestion, 'action' | 'resource' | 'proposedPolicy'> & {
  /** In place of what the request itself says. */
  readonly keys?: ConditionKeys
}

export function onBucket(action: string, { bucket }: Pick<S3Call, 'bucket'>): AccessCheck {
  return { action, resource: { bucket } }
}

export function onObject(action: string, { bucket, key, versionId }: VersionName): AccessCheck {
  return { action, resource: { bucket, key, ...(versionId !== undefined && { versionId }) } }
}

/** On an object that the call writes, whatever lies under its key now. */
export function onNewObject(action: string, { bucket, key }: ObjectName): AccessCheck {
  return { action, resource: { bucket, key, isNew: true } }
}

/** On the parts of an upload, which whoever began it may give up. */
export function onUpload(action: string, { bucket, key, uploadId }: UploadName): AccessCheck {
  return { action, resource: { bucket, key, uploadId } }
}

/** Who makes a change and through what, and when to give up. */
export function changeOptions({ http, caller, meantFor }: S3Call): ChangeOptions {
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
    ...(meantFor && { meantFor }),
  }
}
