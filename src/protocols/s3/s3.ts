// The S3 protocol. Every request is routed, then goes the way that `answer` shows; whatever is
// thrown on it becomes one of AWS's errors.
import type { Clock } from '../../base/clock.ts'
import type { Log, LogFields } from '../../base/log.ts'
import { type Random, systemRandom } from '../../base/random.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Authenticator } from '../http/signature/authenticate.ts'
import type { HttpFailure } from '../http/http-failure.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { admit } from './admit.ts'
import { S3Error } from './errors.ts'
import { decodeBody } from './incoming-body.ts'
import {
  type Authorize,
  type Caller,
  isImplemented,
  type OperationShape,
  type S3Call,
} from './operation.ts'
import { NOT_IMPLEMENTED, OPERATIONS } from './operations.ts'
import { errorCodeOf, renderError } from './render-error.ts'
import { createRouter, type Route } from './route.ts'

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

  async function answer(http: HttpRequest, asked: Route<OperationShape>): Promise<HttpResponse> {
    const { operation, bucket, key } = asked
    const { accessKey, payload } = await authenticate(http)
    if (!isImplemented(operation)) throw notImplemented(operation)
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
    const refusal = renderError(error, { id: http.id, hostId, rawPath: http.rawPath })
    if (isOurFault(refusal)) log.error('s3 request failed', { requestId: http.id, error })
    return { ...refusal, logFields: { errorCode: errorCodeOf(error) } }
  }

  function withIds(response: HttpResponse, requestId: string): HttpResponse {
    const ids = { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId, server: 'Coffer' }
    return { ...response, headers: { ...ids, ...response.headers } }
  }

  return {
    async handle(http) {
      let asked: Route<OperationShape> | undefined
      let response
      try {
        asked = route(http)
        response = await answer(http, asked)
      } catch (error) {
        response = refuse(error, http)
      }
      const logFields = { ...nameOf(asked), ...response.logFields }
      return { ...withIds(response, http.id), logFields }
    },
    renderFailure({ code, requestId: id, cause }) {
      return withIds(renderError(cause ?? new S3Error(code), { id, hostId }), id)
    },
  }
}

function nameOf(asked: Route<OperationShape> | undefined): LogFields {
  if (asked === undefined) return {}
  const { operation, bucket } = asked
  return { operation: operation.name, ...(bucket !== '' && { bucket }) }
}

function notImplemented({ name }: OperationShape): S3Error {
  return new S3Error('NotImplemented', { message: `Coffer does not implement ${name}.` })
}

/** What an operator must hear of; that something is not implemented is the caller's business. */
function isOurFault({ status }: HttpResponse): boolean {
  return status >= 500 && status !== 501
}
