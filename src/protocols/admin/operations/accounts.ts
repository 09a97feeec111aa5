import { findText, readObject } from '../../../base/json.ts'
import type { AccountList } from '../contract.ts'
import { answerJson, readJson, readParameter } from '../json-exchange.ts'
import type { AdminOperation } from '../operation.ts'

/** `/coffer/accounts`, and `/coffer/account?id=…` for one. */
export const ACCOUNT_OPERATIONS: readonly AdminOperation[] = [
  {
    name: 'ListAccounts',
    method: 'GET',
    path: '/coffer/accounts',
    async run(request, { directory }) {
      return answerJson(
        { accounts: await directory.accounts.list() } satisfies AccountList,
        request,
      )
    },
  },
  {
    name: 'CreateAccount',
    method: 'POST',
    path: '/coffer/accounts',
    async run(request, { directory }) {
      const { id, displayName, canonicalId, email } = readObject(await readJson(request), [
        'id',
        'displayName',
        'canonicalId',
        'email',
      ])
      const account = await directory.accounts.create({
        id: findText(id),
        displayName: findText(displayName),
        canonicalId: findText(canonicalId),
        email: findText(email),
      })
      return answerJson(account, request)
    },
  },
  {
    name: 'GetAccount',
    method: 'GET',
    path: '/coffer/account',
    async run(request, { directory }) {
      return answerJson(await directory.accounts.get(readParameter(request, 'id')), request)
    },
  },
  {
    name: 'DeleteAccount',
    method: 'DELETE',
    path: '/coffer/account',
    async run(request, { directory }) {
      await directory.accounts.delete(readParameter(request, 'id'))
      return answerJson({}, request)
    },
  },
]
