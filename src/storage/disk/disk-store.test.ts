import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { storeConformance } from '../conformance/store-conformance.ts'
import { openDiskStore } from './disk-store.ts'

const folders = await mkdtemp(join(tmpdir(), 'coffer-stores-'))
after(() => rm(folders, { recursive: true }))

storeConformance('disk store', async (options) =>
  openDiskStore({ ...options, folder: await mkdtemp(join(folders, 'store-')) }),
)
