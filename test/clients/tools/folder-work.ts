/** What people do in a folder, be it one of a disk or a bucket's. */
import { appendFile, cp, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

const INSIDE = 15_000_000

/** Files are copied in, appended to, changed inside, renamed and deleted. */
export async function workIn(folder: string, inputs: string): Promise<void> {
  await cp(join(inputs, 'files'), join(folder, 'files'), { recursive: true })
  await cp(join(inputs, 'checkpoint.bin'), join(folder, 'checkpoint.part'))
  await rename(join(folder, 'checkpoint.part'), join(folder, 'checkpoint.bin'))

  await appendFile(join(folder, 'files/small.bin'), '再来一点\n')
  const file = await open(join(folder, 'files/20-mib.bin'), 'r+')
  await file.write('changed', INSIDE)
  await file.close()

  await mkdir(join(folder, '新 文件夹'))
  await rename(join(folder, 'files/说明.md'), join(folder, '新 文件夹/read me.md'))
  await rm(join(folder, 'files/middling.bin'))
}

/** The names in the folder and below, sorted. */
export async function listNames(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).toSorted()
}
