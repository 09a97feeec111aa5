// Strings in the order of their UTF-8 bytes, which is that of their code points. JavaScript
// compares UTF-16 units, which puts everything above U+FFFF before U+E000.

/** Negative when `one` sorts before `other` in UTF-8 byte order, zero when they are equal. */
export function compareUtf8(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  for (let at = 0; at < shorter; at += 1) {
    const difference = one.charCodeAt(at) - other.charCodeAt(at)
    if (difference !== 0) {
      return unitRank(one.charCodeAt(at)) - unitRank(other.charCodeAt(at))
    }
  }
  return one.length - other.length
}

/**
 * Lifts surrogates above the rest of the basic plane, where the code points they stand for belong.
 */
function unitRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The first string that sorts after `text`. */
export function stringAfter(text: string): string {
  return `${text}\0`
}

/**
 * The first string that sorts after everything that begins with `prefix`; undefined when nothing
 * does.
 */
export function stringAfterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = points.pop() ?? 0
    if (last === 0x10ffff) continue
    // Surrogates are not characters: U+D7FF is followed by U+E000.
    const next = last === 0xd7ff ? 0xe000 : last + 1
    return String.fromCodePoint(...points, next)
  }
  return undefined
}
