// What S3 says when it refuses, and whether an answer says it.
import assert from 'node:assert/strict'
import type { RawAnswer } from './raw-exchange.ts'

/** Elements are compared as a whole, or by a pattern. */
export type Refusal = {
  readonly status: number
  readonly code: string
  readonly message: string | RegExp
  readonly elements?: Readonly<Record<string, string | RegExp>>
}

export function assertRefusal(answer: RawAnswer, refusal: Refusal): void {
  const { status, code, message, elements = {} } = refusal
  assert.equal(answer.status, status, answer.whole)
  for (const [name, expected] of Object.entries({ Code: code, Message: message, ...elements })) {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1]
    assert.ok(found !== undefined, `${name} is missing in ${answer.body}`)
    if (typeof expected === 'string') assert.equal(unescape(found), expected)
    else assert.match(unescape(found), expected)
  }
}

export const SIGNATURE_MISMATCH: Refusal = {
  status: 403,
  code: 'SignatureDoesNotMatch',
  message:
    'The request signature we calculated does not match the signature you provided. Check your ' +
    'key and signing method.',
}

export const UNKNOWN_KEY: Refusal = {
  status: 403,
  code: 'InvalidAccessKeyId',
  message: 'The AWS Access Key Id you provided does not exist in our records.',
}

const CHARACTERS = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' } as const

function unescape(xml: string): string {
  return Object.entries(CHARACTERS).reduce(
    (text, [name, character]) => text.replaceAll(`&${name};`, character),
    xml,
  )
}
