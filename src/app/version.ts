import { readFileSync } from 'node:fs'

export type Versions = { readonly coffer: string; readonly node: string; readonly lmdb: string }

/** Of Coffer, and of what decides how it stores. */
export function readVersions(): Versions {
  const { version, dependencies } = readPackage()
  return { coffer: version, node: process.versions.node, lmdb: dependencies.lmdb }
}

/** The version of Coffer. */
export function readVersion(): string {
  return readPackage().version
}

type Package = {
  readonly version: string
  /** Exact versions. */
  readonly dependencies: { readonly lmdb: string }
}

/** The same path from `src/app` and from `dist/app`. */
function readPackage(): Package {
  const path = new URL('../../package.json', import.meta.url)
  const found: Package = JSON.parse(readFileSync(path, 'utf8'))
  return found
}
