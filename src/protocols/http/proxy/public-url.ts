import type { HttpRequest } from '../request.ts'

/** Where clients find a server that a proxy hides: they sign this host, and this path's prefix. */
export type PublicUrl = {
  /** E.g. `https://files.example.com`, without a slash. */
  readonly origin: string
  /** E.g. `files.example.com` or `files.example.com:8443`, lower case. */
  readonly host: string
  /** What the proxy removes from paths: empty, or like `/s3`. */
  readonly prefix: string
}

/** The URL of that text; undefined when it is not `http(s)://host[:port][/prefix]`. */
export function parsePublicUrl(text: string): PublicUrl | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) return undefined
  return { origin: url.origin, host: url.host, prefix: url.pathname.replace(/\/+$/, '') }
}

/** The whole address of a path, as the client of a request would have to write it. */
export function renderUrl(
  { host, isSecure }: Pick<HttpRequest, 'host' | 'isSecure'>,
  rawPath: string,
  publicUrl: PublicUrl | undefined,
): string {
  if (publicUrl !== undefined) return publicUrl.origin + publicUrl.prefix + rawPath
  return `${isSecure ? 'https' : 'http'}://${host}${rawPath}`
}
