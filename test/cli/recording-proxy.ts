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
    await rules.before?.(recorded)
    pass(asked, answer, { target, spoils: spoils === true && recorded.method === 'GET' })
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

type Passing = { readonly target: string; readonly spoils: boolean }

function pass(asked: IncomingMessage, answer: ServerResponse, { target, spoils }: Passing): void {
  const { method, url, headers } = asked
  const { expect: _answeredHere, ...passed } = headers
  const { hostname, port } = new URL(target)
  const onward = request({ hostname, port, method, path: url, headers: passed }, (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers)
    if (!spoils) return void pipeline(given, answer, () => {})
    given.on('data', (bytes: Buffer) => answer.write(bytes.map((byte) => byte ^ 1)))
    given.on('end', () => answer.end())
  })
  pipeline(asked, onward, () => {})
}
