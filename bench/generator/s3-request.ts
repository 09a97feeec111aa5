// What is asked of a server, and what it must answer.
import type { Payload } from './payload.ts'

export type S3Request = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Percent-encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: Payload
  /** A 200, where nothing is said. */
  readonly answer?: Answer
  readonly keepsBody?: boolean
}

export type Answer = {
  /** 200 unless said otherwise. */
  readonly status?: number
  /** Whose ETag is named, whose length HEAD announces, whose bytes GET brings. */
  readonly object?: Payload
  /** What is wrong with the text of the answer, if anything is. */
  readonly judge?: (text: string) => string | undefined
}
