import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { StorageError } from '../../storage-error.ts'
import { syncFolder } from '../folder/store-folder.ts'

/**
 * The folder exists, durably, and is empty. @throws StorageError `InvalidArgument` when it is not
 */
export async function prepareEmptyFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) {
    throw new StorageError(
      'InvalidArgument',
      `${folder} is not empty. Name an empty or new folder.`,
    )
  }
  if (made === undefined) return
  for (let path = resolve(folder); path.length >= made.length; path = dirname(path)) {
    await syncFolder(dirname(path))
  }
}

/** Makes a file's bytes durable. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
