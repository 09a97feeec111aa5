// Patterns of policies: `*`, `?` and, in version 2012-10-17, variables such as
// `${aws:username}`.
import type { ConditionKeys } from '../question.ts'
import { findPieceEnd, isPieceAt, ONE, type Piece } from './find-piece.ts'

/** Matches any characters, also none. A symbol, for a value may hold `*` itself. */
const MANY: unique symbol = Symbol('*')

const WILDCARDS: ReadonlyMap<string, PatternCharacter> = new Map<string, PatternCharacter>([
  ['*', MANY],
  ['?', ONE],
])

export type PatternCharacter = string | typeof MANY | typeof ONE

/**
 * Where variables have their values from. Undefined for policies of version 2008-10-17, to which
 * `${…}` is text.
 */
export type Variables = ConditionKeys | undefined

const VARIABLE = /(\$\{(?:\$|[^${}]*)\})/

/** Its name, e.g. `aws:PrincipalTag/team`, and what stands for a value that is missing. */
const NAMED = /^\$\{([\w./-]+:[^',]+?)(?:, ?'([^']*)')?\}$/

/** Variables that stand for one character that means something in patterns. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['${*}', '*'],
  ['${?}', '?'],
  ['${$}', '$'],
])

/** Whether all of the text is as the pattern says; a variable without a value matches nothing. */
export function matchPattern(pattern: string, text: string, variables: Variables): boolean {
  const head = literalHead(pattern)
  if (!text.startsWith(head)) return false
  const rest = pattern.slice(head.length)
  if (rest === '' || rest === '*') return rest === '*' || text.length === head.length
  const characters = fillVariables(rest, variables)
  return (
    characters !== undefined && matchCharacters(characters, Array.from(text.slice(head.length)))
  )
}

/** What comes before the first wildcard or variable; most patterns are decided by it alone. */
function literalHead(pattern: string): string {
  const end = pattern.search(/[*?$]/)
  return end === -1 ? pattern : pattern.slice(0, end)
}

/** Whether the action is one of those that the pattern names. Actions ignore case. */
export function matchAction(pattern: string, action: string): boolean {
  return matchPattern(pattern.toLowerCase(), action.toLowerCase(), undefined)
}

/**
 * Whether an ARN is as the pattern says: each of its six parts by itself, so that no `*` reaches
 * beyond a colon, except in the last. Parts that the pattern lacks may be anything.
 */
export function matchArn(pattern: string, arn: string, variables: Variables): boolean {
  if (!arn.startsWith(literalHead(pattern))) return false
  const wanted = splitArn(splitVariables(pattern, variables))
  const given = splitArn([arn])
  if (given.length < ARN_PARTS) return false
  return given.every((part, at) => matchPattern(wanted[at] ?? '*', part, variables))
}

const ARN_PARTS = 6

/** Variables, at odd places, have colons of their own. */
function splitArn(pieces: readonly string[]): readonly string[] {
  const parts = ['']
  for (const [at, piece] of pieces.entries()) {
    const [first = '', ...others] = at % 2 === 1 ? [piece] : piece.split(':')
    parts[parts.length - 1] += first
    parts.push(...others)
  }
  const last = parts.slice(ARN_PARTS - 1)
  return [...parts.slice(0, ARN_PARTS - 1), ...(last.length === 0 ? [] : [last.join(':')])]
}

/** The text with variables replaced and wildcards kept as they are, undefined without a value. */
export function fillText(pattern: string, variables: Variables): string | undefined {
  const values = splitVariables(pattern, variables).map((piece, at) => {
    return at % 2 === 1 ? valueOf(piece, variables) : piece
  })
  return values.includes(undefined) ? undefined : values.join('')
}

function fillVariables(
  pattern: string,
  variables: Variables,
): readonly PatternCharacter[] | undefined {
  const characters: PatternCharacter[] = []
  for (const [at, piece] of splitVariables(pattern, variables).entries()) {
    const value = at % 2 === 1 ? valueOf(piece, variables) : piece
    if (value === undefined) return undefined
    characters.push(...(at % 2 === 1 ? Array.from(value) : parseCharacters(value)))
  }
  return characters
}

/** Text and variables in turn, text first. */
function splitVariables(pattern: string, variables: Variables): readonly string[] {
  return variables === undefined ? [pattern] : pattern.split(VARIABLE)
}

/** The characters of a pattern without variables. */
export function parseCharacters(pattern: string): readonly PatternCharacter[] {
  return Array.from(pattern, (character) => WILDCARDS.get(character) ?? character)
}

/** A key with several values is no variable, as on AWS: which one would it be? */
function valueOf(variable: string, variables: Variables): string | undefined {
  const escaped = ESCAPES.get(variable)
  if (escaped !== undefined) return escaped
  const [, name = '', fallback] = NAMED.exec(variable) ?? []
  const values = variables?.get(name.toLowerCase())
  return values?.length === 1 ? values[0] : fallback
}

/** What keeps a pattern from being one, said so that it can be put right. */
export function findPatternProblem(pattern: string): string | undefined {
  const pieces = pattern.split(VARIABLE)
  if (pieces.some((piece, at) => at % 2 === 0 && piece.includes('${'))) {
    return 'has a "${" that no "}" ends; write "${$}" for a dollar sign'
  }
  const wrong = pieces.find((piece, at) => {
    return at % 2 === 1 && !ESCAPES.has(piece) && !NAMED.test(piece)
  })
  return wrong === undefined ? undefined : `has "${wrong}", which is no variable`
}

/** Whether the characters are as the pattern says: each piece between stars at its first place. */
export function matchCharacters(
  pattern: readonly PatternCharacter[],
  text: readonly string[],
): boolean {
  const [first = [], ...others] = splitPieces(pattern)
  const last = others.at(-1)
  if (last === undefined) return text.length === first.length && isPieceAt(first, text, 0)
  if (!isPieceAt(first, text, 0)) return false
  let at: number | undefined = first.length
  for (const piece of others.slice(0, -1)) {
    at = findPieceEnd(piece, text, at)
    if (at === undefined) return false
  }
  const lastAt = text.length - last.length
  return lastAt >= at && isPieceAt(last, text, lastAt)
}

function splitPieces(pattern: readonly PatternCharacter[]): readonly Piece[] {
  let piece: Piece[number][] = []
  const pieces = [piece]
  for (const character of pattern) {
    if (character === MANY) pieces.push((piece = []))
    else piece.push(character)
  }
  return pieces
}
