/** The file that tells where the folder's server answers; it is there while the server runs. */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = 'address'

export type ServerAddress = {
  readonly url: string
  /** The certificate that the server proves itself with, PEM; absent for plain HTTP. */
  readonly certificate?: string
}

/** Where the folder's server answers; after a crash it may be where nobody does any more. */
export async function findAddress(folder: string): Promise<ServerAddress | undefined> {
  try {
    const text = await readFile(join(folder, NAME), 'utf8')
    const [url = '', ...certificate] = text.trim().split('\n')
    return certificate.length === 0 ? { url } : { url, certificate: certificate.join('\n') }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whoever reads the file sees the whole address or none. */
export async function writeAddress(folder: string, address: ServerAddress): Promise<void> {
  const path = join(folder, NAME)
  const { url, certificate } = address
  // Of a chain only the server's own: whoever reads it trusts this one and none that it issued.
  const own = certificate === undefined ? '' : new X509Certificate(certificate).toString()
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.new`, `${url}\n${own}`)
  await rename(`${path}.new`, path)
}

export async function removeAddress(folder: string): Promise<void> {
  await rm(join(folder, NAME), { force: true })
}
