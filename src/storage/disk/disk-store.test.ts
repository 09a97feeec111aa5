import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeConformance } from '../conformance/store-conformance.ts'
import { openDiskStore } from './disk-store.ts'

storeConformance('disk store', async (options) =>
  openDiskStore({ ...options, folder: await mkdtemp(join(tmpdir(), 'coffer-')) }),
)
