/** What the clients store: trained models, images, a table, texts with Chinese names, big files. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { openPythonEnvironment } from './python-environment.ts'
import { runProgram } from './run-program.ts'

const SCRIPT = join(import.meta.dirname, 'python/make_inputs.py')

/** The folder that the script fills. It is made once and must not be written to. */
export async function openInputs(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(SCRIPT))
    .digest('hex')
  const folder = join(cacheFolder(), `made-inputs-${digest.slice(0, 12)}`)
  const complete = `${folder}.complete`
  if (existsSync(complete)) return folder
  await rm(folder, { recursive: true, force: true })
  const python = await openPythonEnvironment('inputs')
  await runProgram([python, SCRIPT, folder], { folder: cacheFolder() })
  await mkdir(complete)
  return folder
}
