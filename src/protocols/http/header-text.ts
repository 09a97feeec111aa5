// Text in header values, which HTTP limits to bytes. S3 keeps user metadata as Unicode, takes it as
// UTF-8 or as RFC 2047 encoded words, and answers what is not ASCII as encoded words.
// @see S3 User Guide, "Working with object metadata"

const PRINTABLE_ASCII = /^[\t\u0020-\u007e]*$/
const ENCODED_WORD = /=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi
const BETWEEN_WORDS = /(\?=)[ \t]+(?==\?)/g

/** The text of a header value that Node handed over: one character per byte. */
export function decodeHeaderText(value: string): string {
  if (value.includes('=?')) {
    return value
      .replaceAll(BETWEEN_WORDS, '$1')
      .replaceAll(ENCODED_WORD, (word, charset: string, encoding: string, text: string) => {
        const isBase64 = encoding.toLowerCase() === 'b'
        const bytes = isBase64 ? Buffer.from(text, 'base64') : decodeQuoted(text)
        return decodeBytes(bytes, charset) ?? word
      })
  }
  if (PRINTABLE_ASCII.test(value)) return value
  // Bytes that are no UTF-8 were meant as latin1, which is what they are already.
  return decodeBytes(Buffer.from(value, 'latin1'), 'utf-8') ?? value
}

/** A value that can be sent as a header and that `decodeHeaderText` understands. */
export function encodeHeaderText(text: string): string {
  if (PRINTABLE_ASCII.test(text) && !text.includes('=?')) return text
  return `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
}

function decodeBytes(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function decodeQuoted(text: string): Uint8Array {
  const plain = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(plain, 'latin1')
}
