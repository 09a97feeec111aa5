import { Command } from 'commander'
import type { AsJson, UserAnswer, UserList } from '../../protocols/admin/contract.ts'
import {
  type AccountOptions,
  addAccountOptions,
  ask,
  collectPair,
  renderFacts,
  renderTable,
  tell,
  withAccount,
} from '../records.ts'

type Tags = Readonly<Record<string, string>>

type NewUserOptions = AccountOptions & { readonly tag?: Tags }

const NAME = ['<name>', 'letters, digits and _+=,.@-'] as const

export function userCommand(): Command {
  const create = new Command('create')
    .description('Make a user. It has no keys yet: `coffer key create --user`.')
    .argument(...NAME)
    .option('--tag <name=value>', 'a tag, which policies see as aws:PrincipalTag', collectPair)
    .action(createUser)
  const list = new Command('list').description('List the users of an account.').action(listUsers)
  const show = new Command('show')
    .description('Show a user with its groups, policies and keys.')
    .argument(...NAME)
    .action(showUser)
  const tag = new Command('tag')
    .description('Give a user these tags in place of those it has.')
    .argument(...NAME)
    .option('--tag <name=value>', 'a tag; none at all when none is given', collectPair)
    .action(tagUser)
  const remove = new Command('delete')
    .description('Delete a user and its keys; they are refused at once.')
    .argument(...NAME)
    .action(deleteUser)
  const user = new Command('user').description('Users, which act for their account.')
  for (const command of [create, list, show, tag, remove]) {
    user.addCommand(addAccountOptions(command))
  }
  return user
}

async function createUser(name: string, options: NewUserOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'POST',
    path: '/coffer/users',
    query: withAccount(options),
    body: JSON.stringify({ name, tags: options.tag }),
  })
  await tell(options, { answer, text: `User ${name} is made.` })
}

async function listUsers(options: AccountOptions): Promise<void> {
  const answer = await ask<AsJson<UserList>>(options, {
    method: 'GET',
    path: '/coffer/users',
    query: withAccount(options),
  })
  const rows = answer.users.map(({ name, tags, managed }) => {
    return [name, renderTags(tags) || '-', managed ? 'file' : '-']
  })
  await tell(options, { answer, text: renderTable(['NAME', 'TAGS', 'MANAGED BY'], rows) })
}

async function showUser(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<AsJson<UserAnswer>>(options, {
    method: 'GET',
    path: '/coffer/user',
    query: withAccount(options, { name }),
  })
  const { account, tags, groups, policies, keys } = answer
  const facts = {
    name,
    account,
    tags: renderTags(tags),
    groups,
    policies,
    keys: keys.map(({ id, enabled }) => (enabled ? id : `${id} (disabled)`)),
  }
  await tell(options, { answer, text: renderFacts(facts) })
}

async function tagUser(name: string, options: NewUserOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'PUT',
    path: '/coffer/user/tags',
    query: withAccount(options, { name }),
    body: JSON.stringify(options.tag ?? {}),
  })
  await tell(options, { answer, text: `User ${name} has these tags now.` })
}

async function deleteUser(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'DELETE',
    path: '/coffer/user',
    query: withAccount(options, { name }),
  })
  await tell(options, { answer, text: `User ${name} and its keys are deleted.` })
}

function renderTags(tags: readonly (readonly string[])[]): string {
  return tags.map((pair) => pair.join('=')).join(' ')
}
