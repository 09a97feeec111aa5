// What two threads say to one another. Messages travel in batches, an array each.

/** The number that a caller gave its call. */
export type CallId = number

/** What a caller sends. */
export type CallMessage =
  | {
      readonly say: 'call'
      readonly id: CallId
      readonly name: string
      readonly args: readonly unknown[]
      /** Bytes come after the call; when they are few, they come with it. */
      readonly body?: 'follows' | SentBody
    }
  /** The next item of what the call iterates is wanted; or none any more. */
  | { readonly say: 'next' | 'abort'; readonly id: CallId }
  | { readonly say: 'chunk'; readonly id: CallId; readonly chunk: Chunk }
  | { readonly say: 'body-end'; readonly id: CallId; readonly trailer: unknown }
  | { readonly say: 'body-failed'; readonly id: CallId; readonly error: SentError }

/** What a callee answers. */
export type AnswerMessage =
  | { readonly say: 'result'; readonly id: CallId; readonly value: unknown }
  | { readonly say: 'error'; readonly id: CallId; readonly error: SentError }
  /** The call gives items, to be asked for one by one. */
  | { readonly say: 'iterates'; readonly id: CallId }
  | { readonly say: 'item'; readonly id: CallId; readonly result: IteratorResult<unknown> }
  /** One more chunk may be sent; the buffer of an earlier one comes back for it. */
  | { readonly say: 'want'; readonly id: CallId; readonly buffer?: ArrayBuffer }
  /** Nobody takes the body's bytes any more. */
  | { readonly say: 'body-unwanted'; readonly id: CallId }

/** A whole small body, and what is known of it only at its end. */
export type SentBody = { readonly bytes: Uint8Array; readonly trailer: unknown }

/** A buffer that changes hands, and how much of it counts. */
export type Chunk = { readonly buffer: ArrayBuffer; readonly length: number }

/** An error as plain data: its class by name, and its own fields. */
export type SentError = {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly fields: Readonly<Record<string, unknown>>
}
