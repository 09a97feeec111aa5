// In a folder that others may look into, the catalog, and with it every small object, was readable
// by all users of the machine.
import assert from 'node:assert/strict'
import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDiskStore } from '../../src/storage/disk/disk-store.ts'
import { temporaryFolder } from '../app/coffer-process.ts'

test('folders of a store are for its owner only', async (t) => {
  const folder = await temporaryFolder((cleanUp) => t.after(cleanUp))
  await chmod(folder, 0o755)
  const store = await openDiskStore({ folder })
  t.after(() => store.close())
  for (const { name } of await readdir(folder, { withFileTypes: true }).then((entries) =>
    entries.filter((entry) => entry.isDirectory()),
  )) {
    const { mode } = await stat(join(folder, name))
    assert.equal((mode & 0o077).toString(8), '0', name)
  }
})
