/** docs/clients.md: what the tests of each client say of themselves in their first comment. */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'

export const CLIENTS_PAGE = 'docs/clients.md'

const FOLDER = 'test/clients'
const root = join(import.meta.dirname, '../..')

/** The page's text, in the order of the alphabet. */
export function renderClientsPage(): string {
  const rows = globSync(`${FOLDER}/*/*.test.ts`, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .map((path) => ({ path, ...describeClient(path) }))
    .toSorted((one, other) => one.client.localeCompare(other.client, 'en'))
    .map(({ path, client, asserted }) => `| [${client}](../${path}) | ${asserted} |`)
  return `# Clients

Generated from the tests in ${FOLDER} by \`npm run docs\`; do not edit.

Each of these runs in \`npm run test:clients\` against \`coffer serve\`, unchanged and as people
use it, with real files: trained models, images, Parquet, texts with Chinese names, from 0 bytes to
300 MiB. What comes back is compared byte by byte. \`npm run test:clients -- boto3\` runs one of them;
with \`ENDPOINT\`, \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\` set they run against any other
S3 server. Versions are pinned in \`test/clients/requirements\`, [package.json](../package.json) and
the tests themselves; what the system brings is that of Debian 12.

| client | what is asserted |
| --- | --- |
${rows.join('\n')}
`
}

type Described = { readonly client: string; readonly asserted: string }

/** @throws when the file does not begin with a comment such as `boto3: models in versions.` */
function describeClient(path: string): Described {
  const comment = /^\/\*\*(.*?)\*\//s.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? ''
  const text = comment.replaceAll(/\s*\n \*\s*/g, ' ').trim()
  const [, client, asserted] = /^(.+?): (.+)$/.exec(text) ?? []
  if (client === undefined || asserted === undefined) {
    const kind = posix.join(basename(dirname(path)), basename(path))
    throw new Error(`${kind} begins with no comment that says "client: what is asserted".`)
  }
  return { client, asserted }
}
