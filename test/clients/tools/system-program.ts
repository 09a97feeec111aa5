import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Where PATH has the program. @throws when it has none */
export async function findSystemProgram(name: string): Promise<string> {
  const { PATH = '' } = process.env
  for (const folder of PATH.split(delimiter)) {
    const path = join(folder, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  throw new Error(`No ${name} in PATH; Debian's package of that name has it.`)
}
