/** One call of the admin API with the root keys, without the start of a command. */
import { callServer, type AdminCall } from '../../src/cli/running-server.ts'
import { ROOT_KEYS, type RunningCoffer } from './coffer-process.ts'

type Call = Omit<AdminCall, 'query' | 'body'> & {
  readonly query?: AdminCall['query']
  /** Sent as JSON. */
  readonly body?: unknown
}

/** What the server answers. @throws ServerRefusal */
export async function administer(
  { url }: Pick<RunningCoffer, 'url'>,
  { query = {}, body, ...call }: Call,
): Promise<unknown> {
  const keys = { user: ROOT_KEYS.COFFER_ROOT_USER, password: ROOT_KEYS.COFFER_ROOT_PASSWORD }
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  let answer: unknown
  const lines = callServer({ url, keys, now: new Date() }, { ...call, query, ...text })
  for await (const line of lines) answer = line
  return answer
}
