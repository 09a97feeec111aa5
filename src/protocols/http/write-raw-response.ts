import type { Duplex } from 'node:stream'
import type { HttpResponse } from './response.ts'

/** Not imported, for the reason that server.ts gives. */
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/**
 * The answer is on its way over a connection that holds no request, because it could not be parsed;
 * the connection closes after it. Bodies that are iterables are not for this place.
 */
export function writeRawResponse(
  socket: Duplex,
  { status, headers, body = '' }: HttpResponse,
): void {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new TypeError('The answer to a malformed request must be a string or bytes.')
  }
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`]
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === 'content-length') continue
    for (const each of [value].flat()) lines.push(`${name}: ${each}`)
  }
  lines.push(`content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', '')
  socket.write(lines.join('\r\n'), 'latin1')
  socket.end(body)
}
