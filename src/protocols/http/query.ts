// Percent-encoding and query strings as S3 reads them: `+` is a plus sign, order and duplicates
// stay.

/** A parameter, decoded; the value is empty when it was sent without one. */
export type QueryParameter = { readonly name: string; readonly value: string }

/** In the order they were sent. `?a` and `?a=` both have an empty value. */
export type Query = readonly QueryParameter[]

const NO_PARAMETERS: Query = []

/** The decoded parameters; one that is not valid percent-encoded UTF-8 stays as it was sent. */
export function parseQuery(rawQuery: string): Query {
  if (rawQuery === '') return NO_PARAMETERS
  return rawQuery
    .split('&')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const equals = piece.indexOf('=')
      const name = equals === -1 ? piece : piece.slice(0, equals)
      const value = equals === -1 ? '' : piece.slice(equals + 1)
      return { name: decodePercent(name) ?? name, value: decodePercent(value) ?? value }
    })
}

/** The first value of a parameter; empty when it was sent without one. */
export function findParameter(query: Query, name: string): string | undefined {
  return query.find((parameter) => parameter.name === name)?.value
}

const NEEDS_DECODING = /[%\u0080-\u00ff]/

/**
 * The text that percent-encoded UTF-8 stands for, `undefined` when it is not that. Bytes above 127
 * that were sent without encoding (one latin1 character each, as Node hands them over) count too.
 */
export function decodePercent(raw: string): string | undefined {
  if (!NEEDS_DECODING.test(raw)) return raw
  try {
    return decodeURIComponent(raw.replaceAll(/[\u0080-\u00ff]/g, encodeByte))
  } catch {
    return undefined
  }
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`
}
