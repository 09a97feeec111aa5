/**
 * JSON that people wrote, read field by field. Every complaint names the place in the document,
 * such as `accounts[1].users[0].name`, and a field that nobody knows is one.
 */

/** A value, and where in its document it stands; the document itself stands at ''. */
export type JsonPlace = { readonly path: string; readonly value: unknown }

/** The fields of an object by name. Those that are absent have the value undefined. */
export type JsonFields<Name extends string> = { readonly [Field in Name]: JsonPlace }

/** What is wrong with a document, in a sentence that names the place. */
export class JsonError extends Error {
  override readonly name = 'JsonError'

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path === '' ? 'The document' : path} ${message}`, options)
  }
}

/** @throws JsonError, as all that follow, also for a text that is no JSON */
export function parseJson(text: string): JsonPlace {
  try {
    return { path: '', value: JSON.parse(text) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // What follows is a piece of the text, in which there may be a secret.
    throw new JsonError('', `is no JSON: ${reason.replace(/, (\.\.\.)?".*$/s, '')}`)
  }
}

/** The fields of an object that has no others than these. */
export function readObject<Name extends string>(
  place: JsonPlace,
  names: readonly Name[],
): JsonFields<Name> {
  const entries = new Map(Object.entries(assertObject(place)))
  for (const name of entries.keys()) {
    if (names.some((known) => known === name)) continue
    throw new JsonError(pathOf(place, name), `is unknown here; known are ${names.join(', ')}.`)
  }
  const fields = names.map((name) => [
    name,
    { path: pathOf(place, name), value: entries.get(name) },
  ])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from these very names
  return Object.fromEntries(fields) as JsonFields<Name>
}

/** The entries of an object whose names are not known beforehand; none when it is absent. */
export function readEntries(place: JsonPlace): readonly (readonly [string, JsonPlace])[] {
  if (place.value === undefined) return []
  return Object.entries(assertObject(place)).map(([name, value]) => [
    name,
    { path: pathOf(place, name), value },
  ])
}

/** The elements of a list; none when it is absent. */
export function readList({ path, value }: JsonPlace): readonly JsonPlace[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new JsonError(path, 'must be a list.')
  return value.map((element: unknown, at) => ({ path: `${path}[${at}]`, value: element }))
}

export function readText(place: JsonPlace): string {
  const text = findText(place)
  if (text === undefined) throw new JsonError(place.path, 'is missing.')
  return text
}

/** Undefined when it is absent. */
export function findText({ path, value }: JsonPlace): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new JsonError(path, 'must be a text.')
}

export function readTruth({ path, value }: JsonPlace): boolean {
  if (typeof value === 'boolean') return value
  throw new JsonError(path, 'must be true or false.')
}

function assertObject({ path, value }: JsonPlace): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new JsonError(path, value === undefined ? 'is missing.' : 'must be an object.')
}

function pathOf({ path }: JsonPlace, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
