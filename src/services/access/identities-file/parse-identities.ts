// The identities file: who exists, declared for deployments that are kept in git. It is checked
// whole before anything is changed.
import {
  findText,
  JsonError,
  type JsonPlace,
  parseJson,
  readEntries,
  readList,
  readObject,
  readText,
} from '../../../base/json.ts'
import { AccessError } from '../directory/access-error.ts'
import { BUILT_IN_POLICIES, findBuiltInPolicy } from '../directory/built-in-policies.ts'
import {
  ACCOUNTS_MAX,
  GROUPS_PER_ACCOUNT_MAX,
  KEYS_PER_IDENTITY_MAX,
  POLICIES_PER_ACCOUNT_MAX,
  POLICIES_PER_IDENTITY_MAX,
  USERS_PER_ACCOUNT_MAX,
} from '../directory/limits.ts'
import {
  assertAccessKey,
  assertAccountId,
  assertCanonicalId,
  assertDescription,
  assertDisplayName,
  assertEmail,
  assertName,
  assertSecret,
} from '../directory/names.ts'
import { assertDocument } from '../directory/policy-records.ts'
import { assertTags } from '../directory/user-tags.ts'
import type {
  DeclaredAccount,
  DeclaredGroup,
  DeclaredKey,
  DeclaredPolicy,
  DeclaredUser,
  Identities,
} from './identities.ts'

/** The text of a file that the document refers to, and what it is there for. */
export type ReadReferred = (path: string, holds: 'secret' | 'policy') => Promise<string>

/**
 * What the document declares, with the texts of the files that it refers to.
 * @throws AccessError `MalformedIdentities` with the place in the document
 */
export async function parseIdentities(text: string, read: ReadReferred): Promise<Identities> {
  try {
    const { accounts } = readObject(parseJson(text), ['accounts'])
    const places = readUpTo(accounts, ACCOUNTS_MAX)
    const identities = await inOrder(places, (place) => parseAccount(place, read))
    assertUnique(accounts, {
      id: identities.map(({ id }) => id),
      canonicalId: identities.map(({ canonicalId }) => canonicalId),
      email: identities.map(({ email }) => email),
      accessKey: identities.flatMap(keysOf).map(({ id }) => id),
    })
    return { accounts: identities }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new AccessError('MalformedIdentities', error.message, { cause: error })
  }
}

async function parseAccount(place: JsonPlace, read: ReadReferred): Promise<DeclaredAccount> {
  const fields = readObject(place, [
    'id',
    'displayName',
    'canonicalId',
    'email',
    'keys',
    'policies',
    'groups',
    'users',
  ])
  const displayName = findChecked(fields.displayName, assertDisplayName)
  const canonicalId = findChecked(fields.canonicalId, assertCanonicalId)
  const email = findChecked(fields.email, assertEmail)
  const account = {
    id: readChecked(fields.id, assertAccountId),
    ...(displayName !== undefined && { displayName }),
    ...(canonicalId !== undefined && { canonicalId }),
    ...(email !== undefined && { email }),
    keys: await inOrder(readUpTo(fields.keys, KEYS_PER_IDENTITY_MAX), (key) => parseKey(key, read)),
    policies: await inOrder(readUpTo(fields.policies, POLICIES_PER_ACCOUNT_MAX), (policy) =>
      parsePolicy(policy, read),
    ),
    users: await inOrder(readUpTo(fields.users, USERS_PER_ACCOUNT_MAX), (user) =>
      parseUser(user, read),
    ),
    groups: readUpTo(fields.groups, GROUPS_PER_ACCOUNT_MAX).map(parseGroup),
  }
  assertUnique(fields.policies, { name: account.policies.map(({ name }) => name) })
  assertUnique(fields.groups, { name: account.groups.map(({ name }) => name) })
  assertUnique(fields.users, { name: account.users.map(({ name }) => name) })
  assertReferences(account, place)
  return account
}

async function parseKey(place: JsonPlace, read: ReadReferred): Promise<DeclaredKey> {
  const { accessKey, secretKey, secretKeyFile, description } = readObject(place, [
    'accessKey',
    'secretKey',
    'secretKeyFile',
    'description',
  ])
  const id = readChecked(accessKey, assertAccessKey)
  const secret = await readEither({ given: secretKey, file: secretKeyFile }, (path) => {
    return read(path, 'secret')
  })
  check(secret, (value) => assertSecret(value.trim()))
  return {
    id,
    secret: secret.value.trim(),
    description: findChecked(description, assertDescription) ?? '',
  }
}

async function parsePolicy(place: JsonPlace, read: ReadReferred): Promise<DeclaredPolicy> {
  const { name, document, file } = readObject(place, ['name', 'document', 'file'])
  const declared = readChecked(name, (value) => assertName('policy', value))
  if (findBuiltInPolicy(declared) !== undefined) {
    throw new JsonError(name.path, `is "${declared}", which is a built-in policy.`)
  }
  const given =
    document.value === undefined ? document : { ...document, value: JSON.stringify(document.value) }
  const text = await readEither({ given, file }, (path) => read(path, 'policy'))
  return { name: declared, document: check(text, assertDocument) }
}

async function parseUser(place: JsonPlace, read: ReadReferred): Promise<DeclaredUser> {
  const { name, tags, policies, keys } = readObject(place, ['name', 'tags', 'policies', 'keys'])
  const pairs = readEntries(tags).map(([tag, value]) => [tag, readText(value)] as const)
  check({ path: tags.path, value: pairs }, assertTags)
  return {
    name: readChecked(name, (value) => assertName('user', value)),
    tags: pairs,
    policies: readNames(policies, POLICIES_PER_IDENTITY_MAX),
    keys: await inOrder(readUpTo(keys, KEYS_PER_IDENTITY_MAX), (key) => parseKey(key, read)),
  }
}

function parseGroup(place: JsonPlace): DeclaredGroup {
  const { name, members, policies } = readObject(place, ['name', 'members', 'policies'])
  return {
    name: readChecked(name, (value) => assertName('group', value)),
    members: readNames(members, USERS_PER_ACCOUNT_MAX),
    policies: readNames(policies, POLICIES_PER_IDENTITY_MAX),
  }
}

function readNames(place: JsonPlace, countMax: number): readonly string[] {
  const names = readUpTo(place, countMax).map(readText)
  const twice = findTwice(names)
  if (twice !== undefined) throw new JsonError(place.path, `names "${twice}" twice.`)
  return names
}

function readUpTo(place: JsonPlace, countMax: number): readonly JsonPlace[] {
  const places = readList(place)
  if (places.length <= countMax) return places
  throw new JsonError(place.path, `has ${places.length} elements, ${countMax} at most.`)
}

/** Members are users of the account, policies its own or built-in ones. */
function assertReferences(account: DeclaredAccount, place: JsonPlace): void {
  const { users, groups, policies } = account
  const members = new Set(users.map(({ name }) => name))
  for (const [at, group] of groups.entries()) {
    const stranger = group.members.find((name) => !members.has(name))
    if (stranger === undefined) continue
    const path = `${place.path}.groups[${at}].members`
    throw new JsonError(path, `names "${stranger}", but the account's users do not include it.`)
  }
  const known = new Set([...BUILT_IN_POLICIES, ...policies].map(({ name }) => name))
  for (const [kind, holders] of Object.entries({ users, groups })) {
    for (const [at, holder] of holders.entries()) {
      const missing = holder.policies.find((name) => !known.has(name))
      if (missing === undefined) continue
      const path = `${place.path}.${kind}[${at}].policies`
      throw new JsonError(path, `names "${missing}", which is no policy of the account.`)
    }
  }
}

type Either = { readonly given: JsonPlace; readonly file: JsonPlace }
type Text = { readonly path: string; readonly value: string }

/** The text itself, or that of the file whose path is given in its place. */
async function readEither(
  { given, file }: Either,
  read: (path: string) => Promise<string>,
): Promise<Text> {
  const path = findText(file)
  if ((given.value === undefined) === (path === undefined)) {
    throw new JsonError(given.path, `or ${file.path} must be given, and not both.`)
  }
  if (path === undefined) return { path: given.path, value: readText(given) }
  try {
    return { path: file.path, value: await read(path) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new JsonError(file.path, `cannot be read: ${reason}`, { cause: error })
  }
}

function readChecked(place: JsonPlace, assert: (text: string) => void): string {
  return check({ path: place.path, value: readText(place) }, assert)
}

function findChecked(place: JsonPlace, assert: (text: string) => void): string | undefined {
  return place.value === undefined ? undefined : readChecked(place, assert)
}

/** The value, when it passes; what is thrown about it says where it stands. */
function check<Value>(
  { path, value }: { readonly path: string; readonly value: Value },
  assert: (value: Value) => void,
): Value {
  try {
    assert(value)
    return value
  } catch (error) {
    if (!(error instanceof AccessError)) throw error
    throw new JsonError(path, `is refused: ${error.message}`, { cause: error })
  }
}

function assertUnique(
  { path }: JsonPlace,
  fields: Readonly<Record<string, readonly (string | undefined)[]>>,
): void {
  for (const [field, values] of Object.entries(fields)) {
    const twice = findTwice(values.filter((value) => value !== undefined))
    if (twice === undefined) continue
    throw new JsonError(path, `has the ${field} "${twice}" twice.`)
  }
}

function findTwice(values: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return values.find((value) => seen.size === seen.add(value).size)
}

function keysOf({ keys, users }: DeclaredAccount): readonly DeclaredKey[] {
  return [...keys, ...users.flatMap((user) => user.keys)]
}

/** One after the other, so that the first mistake of the document is the one that is told. */
async function inOrder<Item, Value>(
  items: readonly Item[],
  act: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = []
  for (const item of items) values.push(await act(item))
  return values
}
