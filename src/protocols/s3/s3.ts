// The S3 protocol. Every request takes the way that `answer` shows; what it throws becomes AWS's error.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Random, systemRandom } from '../../base/random.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Authenticator } from '../http/authenticate.ts'
import type { HttpFailure } from '../http/http-failure.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { admit } from './admit.ts'
import { errorCodeOf, renderError } from './render-error.ts'
import { decodeBody } from './incoming-body.ts'
import {
  type Authorize,
  type Caller,
  isImplemented,
  type OperationShape,
  type S3Call,
} from './operation.ts'
import { NOT_IMPLEMENTED, OPERATIONS } from './operations.ts'
import { createRouter, type Route } from './route.ts'
import { S3Error } from './errors.ts'

export type S3Options = {
  readonly storage: Storage
  readonly authenticate: Authenticator
  /** Whom the access key that signed a request belongs to. */
  readonly findCaller: (accessKey: string) => Caller
  readonly authorize: Authorize
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
  const { storage, authenticate, findCaller, authorize, clock, log } = options
  const route = createRouter([...OPERATIONS, ...NOT_IMPLEMENTED])
  const hostId = Buffer.from((options.random ?? systemRandom).bytes(36)).toString('base64')

  async function answer(http: HttpRequest): Promise<HttpResponse> {
    const found = route(http)
    const { operation, bucket } = found
    const response = await carryOut(http, found).catch((error: unknown) => refuse(error, http))
    const named = { operation: operation.name, ...(bucket !== '' && { bucket }) }
    return { ...response, logFields: { ...named, ...response.logFields } }
  }

  async function carryOut(
    http: HttpRequest,
    { operation, bucket, key }: Route<OperationShape>,
  ): Promise<HttpResponse> {
    const { accessKey, payload } = await authenticate(http)
    if (!isImplemented(operation)) throw notImplemented(operation.name)
    const caller = findCaller(accessKey)
    const call: S3Call = {
      http,
      headers: http.headers,
      query: http.query,
      bucket,
      key,
      caller,
      at: new Date(clock.now()),
      isAllowed: (check) => authorize(caller, check),
    }
    await admit(operation, call, storage)
    const body = decodeBody(http, { payload, describesResult: operation.describesResult ?? false })
    return operation.run({ ...call, body }, storage)
  }

  function refuse(error: unknown, http: HttpRequest): HttpResponse {
    const response = renderError(error, { id: http.id, hostId, rawPath: http.rawPath })
    if (isOurFault(response)) log.error('s3 request failed', { requestId: http.id, error })
    return { ...response, logFields: { errorCode: errorCodeOf(error) } }
  }

  function withIds(response: HttpResponse, requestId: string): HttpResponse {
    const { headers } = response
    const ids = { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId, server: 'Coffer' }
    return { ...response, headers: { ...ids, ...headers } }
  }

  return {
    async handle(http) {
      const response = await answer(http).catch((error: unknown) => refuse(error, http))
      return withIds(response, http.id)
    },
    renderFailure({ code, requestId: id, cause }) {
      return withIds(renderError(cause ?? new S3Error(code), { id, hostId }), id)
    },
  }
}

function notImplemented(name: string): S3Error {
  return new S3Error('NotImplemented', { message: `Coffer does not implement ${name}.` })
}

/** What an operator must hear of; that something is not implemented is the caller's business. */
function isOurFault({ status }: HttpResponse): boolean {
  return status >= 500 && status !== 501
}
