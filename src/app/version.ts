import { readFileSync } from 'node:fs'

/** The version of Coffer. The same path from `src/app` and from `dist/app`. */
export function readVersion(): string {
  const path = new URL('../../package.json', import.meta.url)
  const { version }: { readonly version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return version
}
