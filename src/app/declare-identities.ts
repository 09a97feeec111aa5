/** The identities file, read at a start and applied to the directory. */
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Log } from '../base/log.ts'
import { isAccessError } from '../services/access/directory/access-error.ts'
import type { Directory } from '../services/access/directory/directory.ts'
import { parseIdentities } from '../services/access/identities-file/parse-identities.ts'
import { ConfigurationError } from './config.ts'
import { type Configuration } from './settings/settings.ts'

/** Bits of a file's mode that let others than its owner read it. */
const OTHERS_MAY_READ = 0o044

const FILE_SIZE_BYTES_MAX = 16 * 1024 * 1024

type Context = { readonly directory: Directory; readonly log: Log }

/**
 * What the file says is so, and nothing that it said before. Without a file, what it managed goes.
 * @throws ConfigurationError that names what is wrong, and where in the file
 */
export async function declareIdentities(
  { identities: path }: Pick<Configuration, 'identities'>,
  { directory, log }: Context,
): Promise<void> {
  if (path === undefined) return directory.applyIdentities({ accounts: [] })
  try {
    const text = await readSmall(path)
    if (text.includes('"secretKey"')) await warnIfOpen(path, log)
    const identities = await parseIdentities(text, async (referred, holds) => {
      const file = resolve(dirname(path), referred)
      if (holds === 'secret') await warnIfOpen(file, log)
      return readSmall(file)
    })
    await directory.applyIdentities(identities)
    log.info('identities-applied', { path, accounts: identities.accounts.length })
  } catch (error) {
    if (isAccessError(error, 'DirectoryUnavailable') || !(error instanceof Error)) throw error
    const message = `The identities file ${path} is not usable: ${error.message}`
    throw new ConfigurationError(message, { cause: error })
  }
}

/** @throws Error for what was named by mistake, such as a disk */
async function readSmall(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size <= FILE_SIZE_BYTES_MAX) return readFile(path, 'utf8')
  throw new Error(`${path} has ${size} bytes, ${FILE_SIZE_BYTES_MAX} at most`)
}

async function warnIfOpen(path: string, log: Log): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & OTHERS_MAY_READ) === 0) return
  log.warn('secrets-readable', { path, hint: 'others can read the keys in it: chmod 600' })
}
