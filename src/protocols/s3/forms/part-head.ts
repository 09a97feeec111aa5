// The lines above a part of a form.
import { S3Error } from '../errors.ts'

export type PartHead = {
  /** The field that it is, in lower case: S3 does not tell them apart. */
  readonly name: string
  /** Empty for what is no file. */
  readonly fileName: string
}

const PARAMETER = /;\s*(name|filename\*?)\s*=\s*(?:"((?:\\"|[^"])*)"|([^;\s]+))/gi

/** @throws S3Error `MalformedPostRequest` */
export function parsePartHead(text: string): PartHead {
  const disposition = text
    .split('\r\n')
    .find((line) => /^content-disposition\s*:\s*form-data\s*;/i.test(line))
  if (disposition === undefined) throw new S3Error('MalformedPostRequest')
  const found = new Map<string, string>()
  for (const [, name = '', quoted, bare] of disposition.matchAll(PARAMETER)) {
    found.set(name.toLowerCase(), quoted?.replaceAll('\\"', '"') ?? bare ?? '')
  }
  const name = found.get('name')
  if (name === undefined || name === '') throw new S3Error('MalformedPostRequest')
  const extended = found.get('filename*')
  const fileName = extended === undefined ? found.get('filename') : decodeExtended(extended)
  return { name: unescape(name).toLowerCase(), fileName: unescape(fileName ?? '') }
}

/** Browsers write these three as if they were encoded, and nothing else. @see HTML §4.10.21.8 */
function unescape(text: string): string {
  return text.replaceAll(/%(0A|0D|22)/gi, (encoded) => decodeURIComponent(encoded))
}

/** `utf-8''%C3%BC.txt`, which older Python clients send. @see RFC 5987 §3.2 */
function decodeExtended(text: string): string {
  try {
    return decodeURIComponent(text.replace(/^utf-8'[^']*'/i, ''))
  } catch (cause) {
    throw new S3Error('MalformedPostRequest', { cause })
  }
}
