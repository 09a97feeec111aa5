/** Stands between a command and its server: knows what was asked, and can hold or spoil it. */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import type { TestContext } from 'node:test'

export type Recorded = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly range: string | undefined
}

export type RecordingProxy = {
  readonly url: string
  /** What was asked since the last `begin`. */
  requests(): readonly Recorded[]
  /** How many of those have been answered to the end. */
  answered(): readonly Recorded[]
  /** Forgets what was; each request waits for `before` from now on. */
  begin(rules?: ProxyRules): void
}

export type ProxyRules = {
  before?(asked: Recorded): Promise<unknown> | undefined
  /** Spoils the bytes of answers to GET. */
  readonly spoils?: true
  /** Whose answers are lost: the server has done what it was asked, and nobody hears of it. */
  loses?(asked: Recorded): boolean
}

export async function openProxy(context: TestContext, target: string): Promise<RecordingProxy> {
  const requests: Recorded[] = []
  const answered: Recorded[] = []
  let rules: ProxyRules = {}
  const forward = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const recorded = record(asked)
    requests.push(recorded)
    answer.once('finish', () => answered.push(recorded))
    const { spoils } = rules
    const isLost = rules.loses?.(recorded) === true
    await rules.before?.(recorded)
    const isSpoiled = spoils === true && recorded.method === 'GET'
    pass(asked, answer, { target, isSpoiled, isLost })
  }
  const server = createServer((asked, answer) => void forward(asked, answer))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    answered: () => answered,
    begin(next = {}) {
      rules = next
      requests.length = 0
      answered.length = 0
    },
  }
}

function record({ method = '', url = '', headers }: IncomingMessage): Recorded {
  const { pathname, searchParams: query } = new URL(url, 'http://proxy')
  return { method, path: decodeURIComponent(pathname), query, range: headers.range }
}

type Passing = { readonly target: string; readonly isSpoiled: boolean; readonly isLost: boolean }

function pass(asked: IncomingMessage, answer: ServerResponse, passing: Passing): void {
  const { target, isSpoiled, isLost } = passing
  const { method, url, headers } = asked
  const { expect: _answeredHere, ...passed } = headers
  const { hostname, port } = new URL(target)
  const onward = request({ hostname, port, method, path: url, headers: passed }, (given) => {
    if (isLost) return void answer.destroy()
    answer.writeHead(given.statusCode ?? 502, given.headers)
    if (!isSpoiled) return void pipeline(given, answer, () => {})
    given.on('data', (bytes: Buffer) => answer.write(bytes.map((byte) => byte ^ 1)))
    given.on('end', () => answer.end())
  })
  pipeline(asked, onward, () => {})
}
