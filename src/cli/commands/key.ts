import { Command } from 'commander'
import type { AsJson, KeyList, MadeKeyAnswer } from '../../protocols/admin/contract.ts'
import {
  type AccountOptions,
  addAccountOptions,
  addRecordOptions,
  ask,
  type RecordOptions,
  renderTable,
  tell,
  withAccount,
} from '../records.ts'

type KeyOptions = AccountOptions & { readonly user?: string; readonly description?: string }

const ID = ['<id>', 'the access key'] as const

export function keyCommand(): Command {
  const create = new Command('create')
    .description('Make an access key. Its secret is shown only now.')
    .option('--user <name>', 'of this user; without one, of the account’s root')
    .option('--description <text>', 'what it is for')
    .action(createKey)
  const list = new Command('list')
    .description('List the keys of an account, or of one user.')
    .option('--user <name>', 'of this user')
    .action(listKeys)
  const enable = new Command('enable')
    .description('Let a key sign again.')
    .argument(...ID)
    .action((id: string, options: RecordOptions) => setState(id, { ...options, enabled: true }))
  const disable = new Command('disable')
    .description('Let a key sign no more; it is refused at once.')
    .argument(...ID)
    .action((id: string, options: RecordOptions) => setState(id, { ...options, enabled: false }))
  const remove = new Command('delete')
    .description('Delete a key; it is refused at once.')
    .argument(...ID)
    .action(deleteKey)
  const key = new Command('key').description('Access keys, which requests are signed with.')
  for (const command of [create, list]) key.addCommand(addAccountOptions(command))
  for (const command of [enable, disable, remove]) key.addCommand(addRecordOptions(command))
  return key
}

async function createKey(options: KeyOptions): Promise<void> {
  const { user, description } = options
  const answer = await ask<AsJson<MadeKeyAnswer>>(options, {
    method: 'POST',
    path: '/coffer/keys',
    query: withAccount(options),
    body: JSON.stringify({ user, description }),
  })
  const text = `A key of ${user ?? 'the root'} in account ${answer.account}. Its secret is shown only now.

  export AWS_ACCESS_KEY_ID=${answer.id}
  export AWS_SECRET_ACCESS_KEY=${answer.secret}
`
  await tell(options, { answer, text })
}

async function listKeys(options: KeyOptions): Promise<void> {
  const { user } = options
  const answer = await ask<AsJson<KeyList>>(options, {
    method: 'GET',
    path: '/coffer/keys',
    query: withAccount(options, user === undefined ? {} : { user }),
  })
  const rows = answer.keys.map((key) => [
    key.id,
    key.user ?? 'root',
    key.enabled ? 'enabled' : 'disabled',
    key.managed ? 'file' : '-',
    key.description || '-',
  ])
  const titles = ['ACCESS KEY', 'USER', 'STATE', 'MANAGED BY', 'DESCRIPTION']
  await tell(options, { answer, text: renderTable(titles, rows) })
}

async function setState(
  id: string,
  options: RecordOptions & { readonly enabled: boolean },
): Promise<void> {
  const { enabled } = options
  const answer = await ask<unknown>(options, {
    method: 'PUT',
    path: '/coffer/key/state',
    query: { id },
    body: JSON.stringify({ enabled }),
  })
  await tell(options, { answer, text: `${id} is ${enabled ? 'enabled' : 'disabled'}.` })
}

async function deleteKey(id: string, options: RecordOptions): Promise<void> {
  const call = { method: 'DELETE', path: '/coffer/key', query: { id } } as const
  const answer = await ask<unknown>(options, call)
  await tell(options, { answer, text: `${id} is deleted.` })
}
