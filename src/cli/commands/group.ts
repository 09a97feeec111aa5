import { Command } from 'commander'
import type { AsJson, GroupAnswer, GroupList } from '../../protocols/admin/contract.ts'
import {
  type AccountOptions,
  addAccountOptions,
  ask,
  renderFacts,
  renderTable,
  tell,
  withAccount,
} from '../records.ts'

const GROUP = ['<group>', 'letters, digits and _+=,.@-'] as const
const USER = ['<user>', 'a user of the account'] as const

export function groupCommand(): Command {
  const create = new Command('create')
    .description('Make a group.')
    .argument(...GROUP)
    .action(createGroup)
  const list = new Command('list').description('List the groups of an account.').action(listGroups)
  const show = new Command('show')
    .description('Show a group with its members and policies.')
    .argument(...GROUP)
    .action(showGroup)
  const add = new Command('add')
    .description('Put a user into a group.')
    .argument(...GROUP)
    .argument(...USER)
    .action((name: string, user: string, options: AccountOptions) =>
      changeMember('PUT', { ...options, name, user }),
    )
  const takeOut = new Command('remove')
    .description('Take a user out of a group.')
    .argument(...GROUP)
    .argument(...USER)
    .action((name: string, user: string, options: AccountOptions) =>
      changeMember('DELETE', { ...options, name, user }),
    )
  const remove = new Command('delete')
    .description('Delete a group; its members stay.')
    .argument(...GROUP)
    .action(deleteGroup)
  const group = new Command('group').description('Groups, whose policies all members have.')
  for (const command of [create, list, show, add, takeOut, remove]) {
    group.addCommand(addAccountOptions(command))
  }
  return group
}

async function createGroup(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'POST',
    path: '/coffer/groups',
    query: withAccount(options),
    body: JSON.stringify({ name }),
  })
  await tell(options, { answer, text: `Group ${name} is made.` })
}

async function listGroups(options: AccountOptions): Promise<void> {
  const answer = await ask<AsJson<GroupList>>(options, {
    method: 'GET',
    path: '/coffer/groups',
    query: withAccount(options),
  })
  const rows = answer.groups.map(({ name, managed }) => [name, managed ? 'file' : '-'])
  await tell(options, { answer, text: renderTable(['NAME', 'MANAGED BY'], rows) })
}

async function showGroup(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<AsJson<GroupAnswer>>(options, {
    method: 'GET',
    path: '/coffer/group',
    query: withAccount(options, { name }),
  })
  const { account, members, policies } = answer
  await tell(options, { answer, text: renderFacts({ name, account, members, policies }) })
}

async function changeMember(
  method: 'PUT' | 'DELETE',
  options: AccountOptions & { readonly name: string; readonly user: string },
): Promise<void> {
  const { name, user } = options
  const answer = await ask<unknown>(options, {
    method,
    path: '/coffer/group/member',
    query: withAccount(options, { name, user }),
  })
  const text = `${user} is ${method === 'PUT' ? 'in' : 'no longer in'} group ${name}.`
  await tell(options, { answer, text })
}

async function deleteGroup(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'DELETE',
    path: '/coffer/group',
    query: withAccount(options, { name }),
  })
  await tell(options, { answer, text: `Group ${name} is deleted.` })
}
