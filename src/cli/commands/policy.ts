import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { Command } from 'commander'
import { ConfigurationError } from '../../app/config.ts'
import type { AsJson, PolicyAnswer, PolicyList, WhyAnswer } from '../../protocols/admin/contract.ts'
import {
  type AccountOptions,
  addAccountOptions,
  ask,
  collectPair,
  renderTable,
  tell,
  withAccount,
} from '../records.ts'

type HolderOptions = AccountOptions & { readonly user?: string; readonly group?: string }

type WhyOptions = AccountOptions & {
  readonly user?: string
  readonly action: string
  readonly resource: string
  readonly key?: Readonly<Record<string, string>>
}

const NAME = ['<name>', 'letters, digits and _+=,.@-'] as const

export function policyCommand(): Command {
  const put = new Command('put')
    .description('Give a policy this text, be it new or not.')
    .argument(...NAME)
    .argument('<file>', 'a policy in AWS’s JSON language; - for standard input')
    .action(putPolicy)
  const list = new Command('list').description('List the policies.').action(listPolicies)
  const show = new Command('show')
    .description('Print the text of a policy; with --json also who has it.')
    .argument(...NAME)
    .action(showPolicy)
  const remove = new Command('delete')
    .description('Delete a policy that nobody has.')
    .argument(...NAME)
    .action(deletePolicy)
  const policy = new Command('policy').description('Policies, which say who may do what.')
  const commands = [put, list, show, remove, attachCommand(), detachCommand(), whyCommand()]
  for (const command of commands) policy.addCommand(addAccountOptions(command))
  return policy
}

function attachCommand(): Command {
  return new Command('attach')
    .description('Give a policy to a user or a group.')
    .argument(...NAME)
    .option('--user <name>', 'to this user')
    .option('--group <name>', 'to this group')
    .action((name: string, options: HolderOptions) => changeHolder('PUT', { ...options, name }))
}

function detachCommand(): Command {
  return new Command('detach')
    .description('Take a policy from a user or a group.')
    .argument(...NAME)
    .option('--user <name>', 'from this user')
    .option('--group <name>', 'from this group')
    .action((name: string, options: HolderOptions) => changeHolder('DELETE', { ...options, name }))
}

function whyCommand(): Command {
  return new Command('why')
    .description('Tell whether a request would be allowed, and what decides it.')
    .option('--user <name>', 'as this user, or `anonymous`; the root when absent')
    .requiredOption('--action <name>', 'for example s3:GetObject')
    .requiredOption('--resource <path>', 'bucket or bucket/key; * for all buckets')
    .option('--key <name=value>', 'a condition key, such as aws:SourceIp=10.0.0.1', collectPair)
    .action(explain)
}

async function putPolicy(name: string, file: string, options: AccountOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'PUT',
    path: '/coffer/policy',
    query: withAccount(options, { name }),
    body: file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8'),
  })
  await tell(options, { answer, text: `Policy ${name} has this text now.` })
}

async function listPolicies(options: AccountOptions): Promise<void> {
  const answer = await ask<AsJson<PolicyList>>(options, {
    method: 'GET',
    path: '/coffer/policies',
    query: withAccount(options),
  })
  const rows = answer.policies.map(({ name, isBuiltIn, managed }) => {
    return [name, isBuiltIn ? 'built in' : managed ? 'file' : '-']
  })
  await tell(options, { answer, text: renderTable(['NAME', 'MANAGED BY'], rows) })
}

async function showPolicy(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<AsJson<PolicyAnswer>>(options, {
    method: 'GET',
    path: '/coffer/policy',
    query: withAccount(options, { name }),
  })
  await tell(options, { answer, text: answer.document.trimEnd() })
}

async function deletePolicy(name: string, options: AccountOptions): Promise<void> {
  const answer = await ask<unknown>(options, {
    method: 'DELETE',
    path: '/coffer/policy',
    query: withAccount(options, { name }),
  })
  await tell(options, { answer, text: `Policy ${name} is deleted.` })
}

async function changeHolder(
  method: 'PUT' | 'DELETE',
  options: HolderOptions & { readonly name: string },
): Promise<void> {
  const { name, user, group } = options
  if ((user === undefined) === (group === undefined)) {
    throw new ConfigurationError('Name one of --user and --group.')
  }
  const answer = await ask<unknown>(options, {
    method,
    path: '/coffer/policy/attachment',
    query: withAccount(options, { name, ...(user && { user }), ...(group && { group }) }),
  })
  const holder = user === undefined ? `Group ${group}` : `User ${user}`
  const text = `${holder} ${method === 'PUT' ? 'has' : 'no longer has'} the policy ${name}.`
  await tell(options, { answer, text })
}

async function explain(options: WhyOptions): Promise<void> {
  const { user, action, resource, key: keys } = options
  const answer = await ask<WhyAnswer>(options, {
    method: 'POST',
    path: '/coffer/policy/why',
    query: withAccount(options),
    body: JSON.stringify({ user, action, resource, keys }),
  })
  const text = `${answer.allowed ? 'Allowed' : 'Denied'}: ${answer.reason}.`
  await tell(options, { answer, text })
}
