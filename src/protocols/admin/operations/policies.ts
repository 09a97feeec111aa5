import type { Attachment } from '../../../services/access/directory/records.ts'
import { findParameter } from '../../http/query.ts'
import type { HttpRequest } from '../../http/request.ts'
import type { PolicyList } from '../contract.ts'
import { answerJson, readAccount, readBody, readNamed, readParameter } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'

/**
 * `/coffer/policies?account=…`, and `/coffer/policy?account=…&name=…` for one, whose text is the
 * body of a PUT.
 */
export const POLICY_OPERATIONS: readonly AdminOperation[] = [
  {
    name: 'ListPolicies',
    method: 'GET',
    path: '/coffer/policies',
    async run(request, { directory }) {
      const policies = await directory.policies.list(readAccount(request))
      return answerJson({ policies } satisfies PolicyList, request)
    },
  },
  {
    name: 'PutPolicy',
    method: 'PUT',
    path: '/coffer/policy',
    async run(request, { directory }) {
      const policy = { ...readNamed(request), document: await readBody(request) }
      return answerJson(await directory.policies.put(policy), request)
    },
  },
  {
    name: 'GetPolicy',
    method: 'GET',
    path: '/coffer/policy',
    async run(request, { directory }) {
      return answerJson(await directory.policies.get(readNamed(request)), request)
    },
  },
  {
    name: 'DeletePolicy',
    method: 'DELETE',
    path: '/coffer/policy',
    async run(request, { directory }) {
      await directory.policies.delete(readNamed(request))
      return answerJson({}, request)
    },
  },
  {
    name: 'AttachPolicy',
    method: 'PUT',
    path: '/coffer/policy/attachment',
    async run(request, { directory }) {
      await directory.policies.attach(readAttachment(request))
      return answerJson({}, request)
    },
  },
  {
    name: 'DetachPolicy',
    method: 'DELETE',
    path: '/coffer/policy/attachment',
    async run(request, { directory }) {
      await directory.policies.detach(readAttachment(request))
      return answerJson({}, request)
    },
  },
]

/** `?name=…&user=…`, or `&group=…`. */
function readAttachment(request: HttpRequest): Attachment {
  const group = findParameter(request.query, 'group')
  const to =
    group === undefined
      ? ({ kind: 'user', name: readParameter(request, 'user') } as const)
      : ({ kind: 'group', name: group } as const)
  return { ...readNamed(request), to }
}
