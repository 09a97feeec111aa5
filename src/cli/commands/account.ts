import { Command } from 'commander'
import type { AccountAnswer, AccountList, AsJson } from '../../protocols/admin/contract.ts'
import {
  addRecordOptions,
  ask,
  type RecordOptions,
  renderFacts,
  renderTable,
  tell,
} from '../records.ts'

type Account = AsJson<AccountAnswer>

type NewAccountOptions = RecordOptions & {
  readonly id?: string
  readonly name?: string
  readonly canonicalId?: string
  readonly email?: string
}

export function accountCommand(): Command {
  const create = new Command('create')
    .description('Make an account; what is not given is made up.')
    .option('--id <digits>', 'twelve digits, as in ARNs')
    .option('--name <text>', 'what S3 shows as the display name')
    .option('--canonical-id <hex>', '64 hex digits, what S3 shows as the ID of an owner')
    .option('--email <address>', 'what grants may name it by')
    .action(createAccount)
  const list = new Command('list').description('List the accounts.').action(listAccounts)
  const show = new Command('show')
    .description('Show an account.')
    .argument('<id>', 'twelve digits')
    .action(showAccount)
  const remove = new Command('delete')
    .description('Delete an account without users; what it owns stays.')
    .argument('<id>', 'twelve digits')
    .action(deleteAccount)
  const account = new Command('account').description('Accounts, which own buckets and users.')
  for (const command of [create, list, show, remove]) account.addCommand(addRecordOptions(command))
  return account
}

async function createAccount(options: NewAccountOptions): Promise<void> {
  const { id, name: displayName, canonicalId, email } = options
  const answer = await ask<Account>(options, {
    method: 'POST',
    path: '/coffer/accounts',
    query: {},
    body: JSON.stringify({ id, displayName, canonicalId, email }),
  })
  await tell(options, { answer, text: renderAccount(answer) })
}

async function listAccounts(options: RecordOptions): Promise<void> {
  const answer = await ask<AsJson<AccountList>>(options, {
    method: 'GET',
    path: '/coffer/accounts',
    query: {},
  })
  const rows = answer.accounts.map(({ id, displayName, email = '-', managed }) => {
    return [id, displayName, email, managed ? 'file' : '-']
  })
  await tell(options, { answer, text: renderTable(['ID', 'NAME', 'EMAIL', 'MANAGED BY'], rows) })
}

async function showAccount(id: string, options: RecordOptions): Promise<void> {
  const call = { method: 'GET', path: '/coffer/account', query: { id } } as const
  const answer = await ask<Account>(options, call)
  await tell(options, { answer, text: renderAccount(answer) })
}

async function deleteAccount(id: string, options: RecordOptions): Promise<void> {
  const call = { method: 'DELETE', path: '/coffer/account', query: { id } } as const
  const answer = await ask<unknown>(options, call)
  await tell(options, { answer, text: `Account ${id} is deleted.` })
}

function renderAccount({ id, displayName, canonicalId, email = '' }: Account): string {
  return renderFacts({ id, name: displayName, 'canonical id': canonicalId, email })
}
