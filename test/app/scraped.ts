/** Metrics of a running server, as a scrape reads them. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCoffer } from './coffer-process.ts'
import { serve, type Serving } from './serving.ts'

export type Family = {
  readonly name: string
  readonly kind: string
  readonly help: string
  readonly samples: readonly Sample[]
}

export type Sample = {
  /** With `_bucket`, `_sum` or `_count` behind the family's. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type Scraped = Serving & {
  /** Of metrics alone. */
  readonly address: string
  readonly scrape: () => Promise<readonly Family[]>
  readonly scrapeText: () => Promise<string>
}

/** A server with metrics at an address of their own. */
export async function serveMeasured(
  context: TestContext,
  given: readonly string[] = [],
): Promise<Scraped> {
  const own = ['--metrics', '127.0.0.1:0', '--log-level', 'info']
  const serving = await serve(context, { given: [...own, ...given] })
  const url = await untilSaid(serving.coffer, /"url":"(?<url>[^"]+\/metrics)"/)
  const scrapeText = async (): Promise<string> => {
    const response = await fetch(url)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    return response.text()
  }
  const address = url.slice(0, -'/metrics'.length)
  return { ...serving, address, scrapeText, scrape: async () => parseMetrics(await scrapeText()) }
}

/** What a named group of the pattern finds in the log. */
export async function untilSaid(coffer: RunningCoffer, pattern: RegExp): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = pattern.exec(coffer.stderr())?.groups?.['url']
    if (found !== undefined) return found
    await sleep(50)
  }
  return assert.fail(`It never said ${pattern.source}: ${coffer.stderr()}`)
}

const COMMENT = /^# (?<what>HELP|TYPE) (?<name>\w+) (?<text>.*)$/
const SAMPLE = /^(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/

export function parseMetrics(text: string): readonly Family[] {
  const families: { name: string; kind: string; help: string; samples: Sample[] }[] = []
  for (const line of text.trimEnd().split('\n')) {
    const comment = COMMENT.exec(line)?.groups
    const last = families.at(-1)
    if (comment?.['what'] === 'HELP') {
      families.push({ name: comment['name']!, kind: '', help: comment['text']!, samples: [] })
    } else if (comment !== undefined) last!.kind = comment['text']!
    else last!.samples.push(parseSample(line))
  }
  return families
}

function parseSample(line: string): Sample {
  const { name, labels = '', value } = SAMPLE.exec(line)?.groups ?? assert.fail(line)
  const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label, text]) => [
    label!,
    text!,
  ])
  return {
    name: name!,
    labels: Object.fromEntries(pairs),
    value: value === '+Inf' ? Infinity : Number(value),
  }
}

/** The sum of a metric's samples with these labels; 0 when there are none. */
export function total(
  families: readonly Family[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return families
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
    .reduce((sum, { value }) => sum + value, 0)
}
