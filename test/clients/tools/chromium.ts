/** Pages in a headless Chromium, served from an origin that is not the object store's. */
import { createReadStream } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

export type Page<Given, Value> = {
  /** Runs in the page: it knows nothing but what it is given, and `/file`. */
  readonly work: (given: Given) => Promise<Value>
  readonly given: Given
  /** What the page gets as `/file`. */
  readonly file: string
}

export type Browser = {
  /** Where the pages come from. */
  readonly origin: string
  /** What the work gave. @throws with what it threw, or when it took too long */
  open<Given, Value>(page: Page<Given, Value>): Promise<Value>
  close(): Promise<void>
}

export type BrowserOptions = {
  readonly program: string
  /** For the profile, which is made anew for each page. */
  readonly folder: string
  readonly timeoutMs?: number
}

type Outcome<Value> = { readonly value: Value } | { readonly error: string }

type Shown = {
  readonly html: string
  readonly file: string
  readonly tell: (outcome: Outcome<unknown>) => void
}

const TIMEOUT_MS = 60_000
/** Without the sandbox, which does not start for root. */
const FLAGS = ['--headless=new', '--no-sandbox', '--no-first-run', '--disable-dev-shm-usage']

export async function openBrowser(options: BrowserOptions): Promise<Browser> {
  let shown: Shown | undefined
  const server = createServer((request, response) => {
    if (shown !== undefined) void answer(shown, request, response)
  })
  const origin = await listen(server)
  return {
    origin,
    async open(page) {
      const { promise, resolve } = Promise.withResolvers<Outcome<unknown>>()
      shown = { html: render(page), file: page.file, tell: resolve }
      const outcome = await show(origin, promise, options)
      if ('error' in outcome) throw new Error(outcome.error)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `work` gave, as JSON
      return outcome.value as Awaited<ReturnType<typeof page.work>>
    },
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It listens nowhere.')
  return `http://127.0.0.1:${address.port}`
}

/** What the page told, and the browser has ended. */
async function show(
  origin: string,
  told: Promise<Outcome<unknown>>,
  { program, folder, timeoutMs = TIMEOUT_MS }: BrowserOptions,
): Promise<Outcome<unknown>> {
  const profile = await mkdtemp(join(folder, 'profile-'))
  const { PATH = '' } = process.env
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, origin], {
    env: { PATH, HOME: profile, TMPDIR: profile },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const said = text(child.stderr)
  const ended = once(child, 'close').then(async () => ({ error: `It ended: ${await said}` }))
  const outcome = await Promise.race([told, ended])
  child.kill()
  await ended
  return outcome
}

async function answer(
  { html, file, tell }: Shown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url === '/file') return pipeline(createReadStream(file), response)
  if (request.url === '/outcome') tell(JSON.parse(await text(request)))
  response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
}

function render<Given, Value>({ work, given }: Page<Given, Value>): string {
  return `<!doctype html>
<script type="module">
  const tell = (outcome) => fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) })
  const work = ${String(work)}
  work(${JSON.stringify(given)}).then(
    (value) => tell({ value }),
    (error) => tell({ error: String(error) }),
  )
</script>
`
}
