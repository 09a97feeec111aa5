import { readObject, readText } from '../../../base/json.ts'
import type { GroupList } from '../contract.ts'
import { answerJson, readAccount, readJson, readNamed, readParameter } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'

/** `/coffer/groups?account=…`, and `/coffer/group?account=…&name=…` for one. */
export const GROUP_OPERATIONS: readonly AdminOperation[] = [
  {
    name: 'ListGroups',
    method: 'GET',
    path: '/coffer/groups',
    async run(request, { directory }) {
      const groups = await directory.groups.list(readAccount(request))
      return answerJson({ groups } satisfies GroupList, request)
    },
  },
  {
    name: 'CreateGroup',
    method: 'POST',
    path: '/coffer/groups',
    async run(request, { directory }) {
      const { name } = readObject(await readJson(request), ['name'])
      const group = { account: readAccount(request), name: readText(name) }
      return answerJson(await directory.groups.create(group), request)
    },
  },
  {
    name: 'GetGroup',
    method: 'GET',
    path: '/coffer/group',
    async run(request, { directory }) {
      return answerJson(await directory.groups.get(readNamed(request)), request)
    },
  },
  {
    name: 'DeleteGroup',
    method: 'DELETE',
    path: '/coffer/group',
    async run(request, { directory }) {
      await directory.groups.delete(readNamed(request))
      return answerJson({}, request)
    },
  },
  {
    name: 'AddGroupMember',
    method: 'PUT',
    path: '/coffer/group/member',
    async run(request, { directory }) {
      await directory.groups.addMember(readNamed(request), readParameter(request, 'user'))
      return answerJson({}, request)
    },
  },
  {
    name: 'RemoveGroupMember',
    method: 'DELETE',
    path: '/coffer/group/member',
    async run(request, { directory }) {
      await directory.groups.removeMember(readNamed(request), readParameter(request, 'user'))
      return answerJson({}, request)
    },
  },
]
