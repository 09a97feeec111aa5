import { findText, readObject, readTruth } from '../../../base/json.ts'
import { findParameter } from '../../http/query.ts'
import type { KeyList, MadeKeyAnswer } from '../contract.ts'
import { answerJson, readAccount, readJson, readParameter } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'

/**
 * `/coffer/keys?account=…&user=…`, and `/coffer/key?id=…` for one. Without a user, a key is made
 * for the account's root. Its secret is told once, when it is made.
 */
export const KEY_OPERATIONS: readonly AdminOperation[] = [
  {
    name: 'ListKeys',
    method: 'GET',
    path: '/coffer/keys',
    async run(request, { directory }) {
      const user = findParameter(request.query, 'user')
      const keys = await directory.keys.list({ account: readAccount(request), user })
      return answerJson({ keys } satisfies KeyList, request)
    },
  },
  {
    name: 'CreateKey',
    method: 'POST',
    path: '/coffer/keys',
    async run(request, { directory }) {
      const { user, id, secret, description } = readObject(await readJson(request), [
        'user',
        'id',
        'secret',
        'description',
      ])
      const key: MadeKeyAnswer = await directory.keys.create({
        account: readAccount(request),
        user: findText(user),
        id: findText(id),
        secret: findText(secret),
        description: findText(description),
      })
      return answerJson(key, request)
    },
  },
  {
    name: 'SetKeyState',
    method: 'PUT',
    path: '/coffer/key/state',
    async run(request, { directory }) {
      const { enabled } = readObject(await readJson(request), ['enabled'])
      const state = { enabled: readTruth(enabled) }
      await directory.keys.setEnabled(readParameter(request, 'id'), state)
      return answerJson({}, request)
    },
  },
  {
    name: 'DeleteKey',
    method: 'DELETE',
    path: '/coffer/key',
    async run(request, { directory }) {
      await directory.keys.delete(readParameter(request, 'id'))
      return answerJson({}, request)
    },
  },
]
