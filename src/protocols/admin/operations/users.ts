import { type JsonPlace, readEntries, readObject, readText } from '../../../base/json.ts'
import type { Pairs } from '../../../storage/object-version.ts'
import type { UserList } from '../contract.ts'
import { answerJson, readAccount, readJson, readNamed } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'

/** `/coffer/users?account=…`, and `/coffer/user?account=…&name=…` for one. */
export const USER_OPERATIONS: readonly AdminOperation[] = [
  {
    name: 'ListUsers',
    method: 'GET',
    path: '/coffer/users',
    async run(request, { directory }) {
      const users = await directory.users.list(readAccount(request))
      return answerJson({ users } satisfies UserList, request)
    },
  },
  {
    name: 'CreateUser',
    method: 'POST',
    path: '/coffer/users',
    async run(request, { directory }) {
      const { name, tags } = readObject(await readJson(request), ['name', 'tags'])
      const user = { account: readAccount(request), name: readText(name), tags: readTags(tags) }
      return answerJson(await directory.users.create(user), request)
    },
  },
  {
    name: 'GetUser',
    method: 'GET',
    path: '/coffer/user',
    async run(request, { directory }) {
      return answerJson(await directory.users.get(readNamed(request)), request)
    },
  },
  {
    name: 'SetUserTags',
    method: 'PUT',
    path: '/coffer/user/tags',
    async run(request, { directory }) {
      await directory.users.setTags(readNamed(request), readTags(await readJson(request)))
      return answerJson({}, request)
    },
  },
  {
    name: 'DeleteUser',
    method: 'DELETE',
    path: '/coffer/user',
    async run(request, { directory }) {
      await directory.users.delete(readNamed(request))
      return answerJson({}, request)
    },
  },
]

/** `{"team": "search"}`. */
function readTags(place: JsonPlace): Pairs {
  return readEntries(place).map(([name, value]) => [name, readText(value)])
}
