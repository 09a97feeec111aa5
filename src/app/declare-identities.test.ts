import assert from 'node:assert/strict'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import type { Directory } from '../services/access/directory/directory.ts'
import { readConfiguration } from './config.ts'
import { declareIdentities } from './declare-identities.ts'

test('a file beyond FILE_SIZE_BYTES_MAX is refused before it is read', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-identities-'))
  context.after(() => rm(folder, { recursive: true }))
  const identities = join(folder, 'identities.json')
  await writeFile(identities, '{}')
  await truncate(identities, 16 * 1024 * 1024 + 1)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody comes as far as to it
  const directory = {} as Directory
  const declared = declareIdentities(readConfiguration({ identities }, {}), {
    directory,
    log: silentLog,
  })
  await assert.rejects(declared, /has 16777217 bytes, 16777216 at most/)
})
