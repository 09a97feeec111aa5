/** Answers as lines of JSON (https://github.com/ndjson/ndjson-spec), sent as they come. */
import type { Log } from '../../base/log.ts'
import type { HttpResponse } from '../http/response.ts'
import { toErrorLine } from './admin-error.ts'

/** A stream that fails ends with an error line: its status has gone out long before. */
export function answerLines(
  values: AsyncIterable<unknown>,
  { requestId, log }: { readonly requestId: string; readonly log: Log },
): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson', 'x-amz-request-id': requestId },
    body: encodeLines(values, { requestId, log }),
  }
}

async function* encodeLines(
  values: AsyncIterable<unknown>,
  { requestId, log }: { readonly requestId: string; readonly log: Log },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const value of values) yield encodeLine(value)
  } catch (error) {
    log.error('admin stream failed', { requestId, error })
    yield encodeLine(toErrorLine(error, requestId))
  }
}

function encodeLine(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
