/**
 * Coffer's own API under /coffer/: what operators and the command line ask of a running server.
 * Signed like S3, by the default account: its root, and users whose policies allow it.
 */
import type { Caller } from '../../services/access/caller.ts'
import { mayAdminister } from '../../services/access/may-administer.ts'
import type { Authentication } from '../http/signature/authenticate.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse, RequestFacts } from '../http/response.ts'
import { AdminError, codeOf, renderError } from './admin-error.ts'
import type { AdminContext, AdminOperation } from './operation.ts'
import { ACCOUNT_OPERATIONS } from './operations/accounts.ts'
import { backup } from './operations/backup.ts'
import { changes } from './operations/changes.ts'
import { compact } from './operations/compact.ts'
import { getServer } from './operations/get-server.ts'
import { GROUP_OPERATIONS } from './operations/groups.ts'
import { KEY_OPERATIONS } from './operations/keys.ts'
import { POLICY_OPERATIONS } from './operations/policies.ts'
import { scrub } from './operations/scrub.ts'
import { USER_OPERATIONS } from './operations/users.ts'
import { why } from './operations/why.ts'
import { requestKeys } from './request-keys.ts'

export const ADMIN_PREFIX = '/coffer/'

export const ADMIN_OPERATIONS: readonly AdminOperation[] = [
  getServer,
  changes,
  scrub,
  compact,
  backup,
  ...ACCOUNT_OPERATIONS,
  ...USER_OPERATIONS,
  ...KEY_OPERATIONS,
  ...GROUP_OPERATIONS,
  ...POLICY_OPERATIONS,
  why,
]

export type AdminOptions = AdminContext & {
  readonly authenticate: (request: HttpRequest) => Promise<Authentication>
}

export type Admin = (request: HttpRequest) => Promise<HttpResponse>

/** Answers every request below ADMIN_PREFIX; never rejects. */
export function createAdmin({ authenticate, ...context }: AdminOptions): Admin {
  return async (request) => {
    let facts: RequestFacts = {}
    try {
      const { accessKey, payload } = await authenticate(request)
      const caller = (await context.directory.findKey(accessKey))?.caller
      if (caller !== undefined) facts = { account: caller.account, identity: caller.identity }
      const operation = findOperation(request)
      facts = { ...facts, operation: operation.name }
      admit(request, { caller, operation, context })
      const response = await operation.run({ ...request, payload }, context)
      return { ...response, logFields: facts }
    } catch (error) {
      if (codeOf(error) === 'InternalError') {
        context.log.error('admin request failed', { requestId: request.id, error })
      }
      const refusal = renderError(error, request.id)
      return { ...refusal, logFields: { ...facts, ...refusal.logFields } }
    }
  }
}

type Admission = {
  readonly caller: Caller | undefined
  readonly operation: AdminOperation
  readonly context: AdminContext
}

/** @throws AdminError `AccessDenied` */
function admit(request: HttpRequest, { caller, operation, context }: Admission): void {
  const keys = requestKeys(request, context.clock)
  if (caller !== undefined && mayAdminister({ caller, operation: operation.name, keys })) return
  throw new AdminError(
    'AccessDenied',
    `Only the root of the default account may call this, and users of it whose policies allow ` +
      `coffer:${operation.name}.`,
  )
}

function findOperation({ method, rawPath }: HttpRequest): AdminOperation {
  const found = ADMIN_OPERATIONS.find((it) => it.method === method && it.path === rawPath)
  if (found !== undefined) return found
  const known = ADMIN_OPERATIONS.map((it) => `${it.method} ${it.path}`).join(', ')
  throw new AdminError(
    'NoSuchOperation',
    `${method} ${rawPath} is nothing here; there is ${known}.`,
  )
}
