/** The owner's keys: configured, or made at the first start and kept in the folder. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '../base/random.ts'
import { ConfigurationError } from './config.ts'
import { type Configuration } from './settings/settings.ts'
import { writeSecret } from './write-secret.ts'

export type RootKeys = { readonly user: string; readonly password: string }

/** Where keys come from; `made` means that nobody has seen them yet. */
export type FoundRootKeys = RootKeys & { readonly source: 'configured' | 'kept' | 'made' }

type Place = Pick<Configuration, 'folder' | 'rootUser' | 'rootPassword'>

export function rootKeysPath(folder: string): string {
  return join(folder, 'root-keys.json')
}

/** The configured keys, or those that the folder keeps; undefined when there are none yet. */
export async function findRootKeys(place: Place): Promise<FoundRootKeys | undefined> {
  const { rootUser: user, rootPassword: password } = place
  if (user !== undefined && password !== undefined) return { user, password, source: 'configured' }
  const text = await readIfPresent(rootKeysPath(place.folder))
  return text === undefined ? undefined : { ...parseKeys(text, place.folder), source: 'kept' }
}

/** The keys of the owner. They are durable now, and only the process's user can read them. */
export async function openRootKeys(place: Place, random: Random): Promise<FoundRootKeys> {
  const found = await findRootKeys(place)
  if (found !== undefined) return found
  // Twenty characters, as long as AWS's access keys: some clients check that.
  const keys = { user: `COFFER${random.hex(7).toUpperCase()}`, password: random.hex(20) }
  await keep(keys, place.folder)
  return { ...keys, source: 'made' }
}

async function keep(keys: RootKeys, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeSecret(rootKeysPath(folder), `${JSON.stringify(keys, undefined, 2)}\n`)
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function parseKeys(text: string, folder: string): RootKeys {
  const { user, password } = parseObject(text)
  if (typeof user === 'string' && typeof password === 'string') return { user, password }
  throw new ConfigurationError(
    `${rootKeysPath(folder)} does not hold a user and a password. Restore it, or set ` +
      'COFFER_ROOT_USER and COFFER_ROOT_PASSWORD; without the file, new keys are made.',
  )
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
