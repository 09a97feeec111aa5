import { findText, readObject } from '../../../base/json.ts'
import { AccessError } from '../../../services/access/directory/access-error.ts'
import type { AccountList } from '../contract.ts'
import { answerJson, readJson, readParameter } from '../json-exchange.ts'
import type { AdminContext, AdminOperation } from '../operation.ts'

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
    async run(request, { directory, buckets }) {
      const id = readParameter(request, 'id')
      await assertOwnsNothing(id, buckets)
      await directory.accounts.delete(id)
      return answerJson({}, request)
    },
  },
]

/** Whoever is given the id later would own what is left. @throws AccessError `AccountNotEmpty` */
async function assertOwnsNothing(id: string, buckets: AdminContext['buckets']): Promise<void> {
  const [owned] = (await buckets.list({ owner: id, limit: 1 })).buckets
  if (owned === undefined) return
  const advice = 'Delete it first, with all the others that it owns.'
  throw new AccessError('AccountNotEmpty', `Account ${id} owns the bucket ${owned.name}. ${advice}`)
}
