/** What operations on records are asked and answered: one JSON value each way. */
import { type JsonPlace, parseJson } from '../../base/json.ts'
import { DEFAULT_ACCOUNT_ID } from '../../services/access/caller.ts'
import { openBody } from '../../storage/incoming-bytes.ts'
import { findParameter } from '../http/query.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { AdminError } from './admin-error.ts'
import type { AdminRequest } from './operation.ts'

/** More than any policy or set of tags. */
const BODY_SIZE_BYTES_MAX = 256 * 1024

/** The answer as one line, for those that read line by line. */
export function answerJson(value: object, { id }: HttpRequest): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amz-request-id': id },
    body: `${JSON.stringify(value)}\n`,
  }
}

/** @throws JsonError; StorageError `BodyTooLarge`, `BadPayloadHash` */
export async function readJson(request: AdminRequest): Promise<JsonPlace> {
  return parseJson(await readBody(request))
}

/** The body, which is what was signed if the signature says so. */
export async function readBody({ body, payload, contentLength }: AdminRequest): Promise<string> {
  if (payload.kind === 'chunked') {
    throw new AdminError('MalformedJson', 'Send the body in one piece, without aws-chunked.')
  }
  const incoming = {
    bytes: body,
    ...(contentLength !== undefined && { size: contentLength }),
    ...(payload.kind === 'hash' && { sha256: payload.sha256 }),
  }
  const pieces: Uint8Array[] = []
  const { bytes } = openBody(incoming, { maxBytes: BODY_SIZE_BYTES_MAX })
  // A piece is the reader's only until it asks for the next one.
  for await (const piece of bytes) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

/** @throws AdminError `ParameterMissing` */
export function readParameter({ query }: HttpRequest, name: string): string {
  const value = findParameter(query, name)
  if (value !== undefined && value !== '') return value
  throw new AdminError('ParameterMissing', `The request needs a parameter ?${name}=…`)
}

/** The account that is asked about; the default one where none is named. */
export function readAccount({ query }: HttpRequest): string {
  return findParameter(query, 'account') ?? DEFAULT_ACCOUNT_ID
}

/** The user, group or policy that `?account=…&name=…` names. */
export function readNamed(request: HttpRequest): {
  readonly account: string
  readonly name: string
} {
  return { account: readAccount(request), name: readParameter(request, 'name') }
}
