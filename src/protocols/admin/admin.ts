/**
 * Coffer's own API under /coffer/: what operators and the command line ask of a running server.
 * Signed like S3, and only with the root keys.
 */
import type { Authenticator } from '../http/signature/authenticate.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { AdminError, codeOf, renderError } from './admin-error.ts'
import type { AdminContext, AdminOperation } from './operation.ts'
import { backup } from './operations/backup.ts'
import { changes } from './operations/changes.ts'
import { compact } from './operations/compact.ts'
import { scrub } from './operations/scrub.ts'

export const ADMIN_PREFIX = '/coffer/'

const OPERATIONS: readonly AdminOperation[] = [changes, scrub, compact, backup]

export type AdminOptions = AdminContext & {
  readonly authenticate: Authenticator
  /** The only access key that may call. */
  readonly rootUser: string
}

export type Admin = (request: HttpRequest) => Promise<HttpResponse>

/** Answers every request below ADMIN_PREFIX; never rejects. */
export function createAdmin({ authenticate, rootUser, ...context }: AdminOptions): Admin {
  return async (request) => {
    try {
      const { accessKey } = await authenticate(request)
      if (accessKey !== rootUser) {
        throw new AdminError('AccessDenied', 'Only the root keys may call this.')
      }
      const operation = findOperation(request)
      const response = await operation.run(request, context)
      return { ...response, logFields: { operation: operation.name } }
    } catch (error) {
      if (codeOf(error) === 'InternalError') {
        context.log.error('admin request failed', { requestId: request.id, error })
      }
      return renderError(error, request.id)
    }
  }
}

function findOperation({ method, rawPath }: HttpRequest): AdminOperation {
  const found = OPERATIONS.find((it) => it.method === method && it.path === rawPath)
  if (found !== undefined) return found
  const known = OPERATIONS.map((it) => `${it.method} ${it.path}`).join(', ')
  throw new AdminError(
    'NoSuchOperation',
    `${method} ${rawPath} is nothing here; there is ${known}.`,
  )
}
