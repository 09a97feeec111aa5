// The S3 protocol. Every request is routed, then goes the way that `answer` shows; whatever is
// thrown on it becomes one of AWS's errors.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Random, systemRandom } from '../../base/random.ts'
import { ANONYMOUS, type Caller } from '../../services/access/caller.ts'
import type { FoundKey } from '../../services/access/directory/directory.ts'
import type { Decide } from '../../services/access/question.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Authentication, Authenticator } from '../http/signature/authenticate.ts'
import type { FormAuthenticator, FormFields } from '../http/signature/form-signature.ts'
import { type PayloadSeal, readUnsignedPayloadSeal } from '../http/signature/payload-seal.ts'
import { isSigned } from '../http/signature/signature-claim.ts'
import type { HttpFailure } from '../http/http-failure.ts'
import { findHeader, type HttpRequest } from '../http/request.ts'
import type { HttpResponse, RequestFacts, ResponseHeaders } from '../http/response.ts'
import { conditionKeys, type SignatureFacts } from './access/condition-keys.ts'
import { findMeant } from './access/meant-bucket.ts'
import { concealMissing } from './access/missing-keys.ts'
import { admit } from './admit.ts'
import { answerPreflight, findCorsHeaders } from './cors/cross-origin.ts'
import { S3Error } from './errors.ts'
import { decodeBody } from './incoming-body.ts'
import type { S3Call, S3Operation, S3Site } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { errorCodeOf, renderError } from './render-error.ts'
import { createRouter, locate, type Route } from './route.ts'

export type S3Options = {
  readonly storage: Storage
  readonly authenticate: Authenticator<FoundKey>
  readonly authenticateForm: FormAuthenticator<FoundKey>
  readonly decide: Decide
  readonly site: S3Site
  readonly clock: Clock
  readonly log: Log
  readonly random?: Random
}

export interface S3 {
  /** Answers any request; never rejects. */
  handle(http: HttpRequest): Promise<HttpResponse>
  /** Says in S3's words what went wrong outside of `handle`. */
  renderFailure(failure: HttpFailure): HttpResponse
}

export function createS3(options: S3Options): S3 {
  const { storage, decide, site, clock, log } = options
  const route = createRouter(OPERATIONS, site.domains)
  const hostId = Buffer.from((options.random ?? systemRandom).bytes(36)).toString('base64')

  function callBy({ caller, signature }: Signer, asked: Asked): S3Call {
    const { http, bucket, key, meantFor, facts } = asked
    noteCaller(facts, caller)
    const at = new Date(clock.now())
    const source = { http, at, site, ...(signature && { signature }) }
    return {
      http,
      headers: http.headers,
      query: http.query,
      bucket,
      key,
      caller,
      meantFor,
      at,
      site,
      decide: ({ action, resource, proposedPolicy, keys: own = [] }) =>
        decide({
          caller,
          action,
          resource,
          proposedPolicy,
          keys: () => new Map([...conditionKeys({ action, resource }, source), ...own]),
        }),
      async submit(form) {
        facts.key = form.key
        const signer = await identifyForm(form.fields, options)
        const sent = { ...http, headers: form.headers }
        return callBy(signer, { ...asked, http: sent, key: form.key })
      },
    }
  }

  async function answer(asked: Asked & Route<S3Operation>): Promise<HttpResponse> {
    const { http, operation } = asked
    const signer = await identify(http, options)
    const call = callBy(signer, { ...asked, meantFor: await findMeant(asked, storage) })
    await admit(operation, call, storage)
    const { describesResult = false } = operation
    const body = decodeBody(http, { payload: signer.payload, describesResult })
    try {
      return await operation.run({ ...call, body }, storage)
    } catch (error) {
      throw await concealMissing(error, call)
    }
  }

  function refuse(error: unknown, http: HttpRequest, facts: Facts): HttpResponse {
    const refusal = renderError(error, { id: http.id, hostId, rawPath: http.rawPath })
    if (isOurFault(refusal)) log.error('s3 request failed', { requestId: http.id, error })
    noteError(facts, error)
    return refusal
  }

  function complete({ status, headers, body }: HttpResponse, about: About): HttpResponse {
    const { id, corsHeaders, logFields } = about
    const ids = { 'x-amz-request-id': id, 'x-amz-id-2': hostId, server: 'Coffer' }
    return { status, headers: { ...ids, ...corsHeaders, ...headers }, body, logFields }
  }

  return {
    async handle(http) {
      const facts: Facts = {}
      let response
      let corsHeaders: ResponseHeaders | undefined
      try {
        if (http.method === 'OPTIONS') {
          response = await answerPreflight(http, { ...locate(http, site.domains), storage })
        } else {
          const asked = route(http)
          noteRoute(facts, asked)
          if (http.headers['origin'] !== undefined) {
            corsHeaders = await findCorsHeaders(http, { bucket: asked.bucket, storage })
          }
          response = await answer({ ...asked, http, facts })
        }
      } catch (error) {
        response = refuse(error, http, facts)
      }
      return complete(response, { id: http.id, corsHeaders, logFields: facts })
    },
    renderFailure({ code, requestId: id, cause }) {
      const error = cause ?? new S3Error(code)
      const logFields = { errorCode: errorCodeOf(error) }
      return complete(renderError(error, { id, hostId }), { id, logFields })
    },
  }
}

/** What an answer has beside what the operation gave. */
type About = {
  readonly id: string
  readonly corsHeaders?: ResponseHeaders | undefined
  readonly logFields: RequestFacts
}

type Asked = Pick<S3Call, 'http' | 'bucket' | 'key' | 'meantFor'> & { readonly facts: Facts }

/** What is known of a request so far: logs hear of it however the request ends. */
type Facts = { -readonly [Name in keyof RequestFacts]: RequestFacts[Name] }

/** Who asks, and how that was signed, if it was. */
type Signer = { readonly caller: Caller; readonly signature?: SignatureFacts }

type Identified = Signer & { readonly payload: PayloadSeal }

async function identify(http: HttpRequest, { authenticate }: S3Options): Promise<Identified> {
  if (!isSigned(http)) {
    http.visit?.countTo(http.remoteAddress)
    const payload = readUnsignedPayloadSeal(findHeader(http.headers, 'x-amz-content-sha256'))
    return { caller: ANONYMOUS, payload }
  }
  const authentication = await authenticate(http)
  const { accessKey, key, payload } = authentication
  http.visit?.countTo(accessKey)
  return { caller: key.caller, payload, signature: factsOf(authentication) }
}

async function identifyForm(fields: FormFields, { authenticateForm }: S3Options): Promise<Signer> {
  const signed = await authenticateForm(fields)
  if (signed === undefined) return { caller: ANONYMOUS }
  return { caller: signed.key.caller, signature: { authType: 'POST', version: signed.version } }
}

function factsOf({ isPresigned, version, signedAt }: Authentication): SignatureFacts {
  const authType = isPresigned ? 'REST-QUERY-STRING' : 'REST-HEADER'
  return { authType, version, ...(signedAt && { signedAt }) }
}

function noteRoute(facts: Facts, { operation, bucket, key }: Route<S3Operation>): void {
  facts.operation = operation.name
  if (bucket !== '') facts.bucket = bucket
  if (key !== '') facts.key = key
}

function noteCaller(facts: Facts, { account, identity }: Caller): void {
  facts.account = account
  facts.identity = identity
}

function noteError(facts: Facts, error: unknown): void {
  facts.errorCode = errorCodeOf(error)
  if (error instanceof S3Error && error.reason !== undefined) facts.reason = error.reason
}

/** What an operator must hear of; what is not implemented or comes too often is the caller's. */
function isOurFault({ status, headers }: HttpResponse): boolean {
  return status >= 500 && status !== 501 && headers['retry-after'] === undefined
}
