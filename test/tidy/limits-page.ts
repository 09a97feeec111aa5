// docs/limits.md as data, and the numbers of the code in its words.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A limit as docs/limits.md has it. */
export type LimitRow = {
  readonly name: string
  readonly file: string
  readonly value: string
  readonly answer: string
  readonly test: string
  /** Words of that test, where it does not name the limit. */
  readonly phrase: string | undefined
}

const root = join(import.meta.dirname, '../..')
export const LIMITS_PAGE = 'docs/limits.md'
const ROW =
  /^\| \[`(?<name>\w+)`\]\(\.\.\/(?<file>[^)]+)\) \| (?<value>[^|]+) \| [^|]+ \| (?<answer>[^|]+) \| \[\w[^\]]*\]\(\.\.\/(?<test>[^)]+)\)(?:: “(?<phrase>[^”]+)”)? \|$/
export function readSource(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export const LIMIT_ROWS: readonly LimitRow[] = readSource(LIMITS_PAGE)
  .split('\n')
  .flatMap((line) => {
    const {
      name = '',
      file = '',
      value = '',
      answer = '',
      test: shownBy = '',
      phrase,
    } = ROW.exec(line)?.groups ?? {}
    return name === '' ? [] : [{ name, file, value, answer, test: shownBy, phrase }]
  })

/** The number behind a name, as products of numbers are written. */
export function findNumber(source: string, name: string): number | undefined {
  const written = new RegExp(`\\b${name}\\b[^=:\\n]*(?::|(?:: number)? =) ([\\d_ *]+)`).exec(source)
  return written?.[1]
    ?.split('*')
    .map((factor) => Number(factor.replaceAll('_', '')))
    .reduce((product, factor) => product * factor, 1)
}

type Unit = readonly [name: string, size: number]

const SIZES: readonly Unit[] = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['bytes', 1],
]

const UNITS: readonly (readonly [ends: RegExp, units: readonly Unit[]])[] = [
  [/bytes(_?max|_?min)?$/i, SIZES],
  [
    /ms$/i,
    [
      ['min', 60_000],
      ['s', 1000],
      ['ms', 1],
    ],
  ],
  [
    /seconds$/i,
    [
      ['days', 86_400],
      ['s', 1],
    ],
  ],
]

/** A number as people read it: `32 KiB`, `60 s`, `10,000`. */
export function show(name: string, value: number): string {
  const units = UNITS.find(([ends]) => ends.test(name))?.[1] ?? []
  const [unit, size] = units.find(([, each]) => value % each === 0) ?? ['', 1]
  return `${(value / size).toLocaleString('en-US')} ${unit}`.trim()
}
