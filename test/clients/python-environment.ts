/** Python environments for the clients, kept between runs outside the repository. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from './cache-folder.ts'

const run = promisify(execFile)
const INSTALL_TIMEOUT_MS = 300_000

/**
 * The Python of an environment with all that `requirements/<name>.txt` pins. It is made once, in a
 * folder that bears the digest of that file.
 */
export async function openPythonEnvironment(name: string): Promise<string> {
  const requirements = join(import.meta.dirname, 'requirements', `${name}.txt`)
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
  const folder = join(cacheFolder(), `${name}-${digest.slice(0, 12)}`)
  const python = join(folder, 'bin/python')
  if (existsSync(join(folder, 'complete'))) return python
  await rm(folder, { recursive: true, force: true })
  await mkdir(cacheFolder(), { recursive: true })
  await run('python3', ['-m', 'venv', folder])
  await run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], {
    timeout: INSTALL_TIMEOUT_MS,
  })
  // Environments hold absolute paths and cannot be renamed, so a file says that this one is whole.
  await mkdir(join(folder, 'complete'))
  return python
}
