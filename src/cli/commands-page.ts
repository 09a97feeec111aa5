/** docs/commands.md as it must be: `npm run docs` writes it, the tidy test compares it. */
import type { Argument, Option } from 'commander'
import { flagOf, SETTINGS } from '../app/settings/settings.ts'
import { createProgram } from './command-line.ts'
import { type CommandRow, listCommands } from './command-table.ts'

export const COMMANDS_PAGE = 'docs/commands.md'

const INTRODUCTION = `# Commands

Generated from src/cli by \`npm run docs\`; do not edit.

## Which store

\`ls\`, \`cp\`, \`cat\`, \`rm\`, \`mb\`, \`rb\`, \`stat\`, \`presign\`, \`du\` and \`find\`
speak S3 to any store. The first of these that is given counts:

1. \`--endpoint\`, or \`--folder\`: the server that runs on that folder, with its root keys.
2. \`AWS_ENDPOINT_URL_S3\` or \`AWS_ENDPOINT_URL\`.
3. The server of the default folder, with its root keys. Its certificate is trusted, also when
   it made it itself.

For an endpoint the keys are \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\` and
\`AWS_SESSION_TOKEN\`, the region \`AWS_REGION\` (us-east-1), and \`AWS_CA_BUNDLE\` names a PEM
file with authorities to trust beside the usual ones. Buckets stand in the path of requests, not
in the host. All other commands are about a folder of Coffer's.

## Names

An object is \`s3://bucket/key\`. \`cp\` takes a name without \`s3://\` for a file, as
\`aws s3\` does; everywhere else \`s3://\` may be left out. \`-\` is standard input or output. With
\`--recursive\`, \`cp\` and \`rm\` take \`data\` and \`data/\` for the same folder; \`ls\`,
\`du\` and \`find\` take a prefix as it is written.

## What cp promises

- A file appears when it is whole, right and synced; until then it lies beside its place, under
  a hidden name that ends with \`.coffer-part\`. An object appears when the store has all of it.
- Everything is sent with its CRC64NVME, which the store compares. What arrives is compared with
  the object's checksum, or with its ETag where that is an MD5. Of an object whose checksum is
  one of parts, only the length is known.
- An object that changes while it is read is an error, not a mixture. So is a file that changes
  while it is sent.
- The same command goes on where an interrupted one stopped. An upload: when the store lists an
  upload of that key, begun with CRC64NVME, whose every part holds what the file has there. A
  download: by the partial file, as long as the object is the same. Standard input cannot be
  read again; its upload is aborted. Of a folder, what was whole already is copied again.
- Four objects at once, of each four parts or ranges: 8 MiB a range, 16 MiB a part
  (\`--part-size\`), larger where 10,000 parts would not do. Files are sent from the disk, not
  from memory; ranges, and parts of standard input, are held: about 40 MiB for each object.
- Requests that fail on the way, or with a 5xx, are tried four times in all.
- Below a folder, links to files are followed, those to folders are not. A key that is no path
  below the target, such as one with \`..\`, is refused. One failure does not stop the others;
  the exit code tells.
- Objects above 5 GiB are copied in parts, within the store, with their metadata and tags.

## Exit codes

0: done. 1: something failed. 2: it was asked for wrongly. 3: damage was found (\`scrub\`,
\`repair\`).
`

/** The page's text: one section for each command. */
export async function renderCommandsPage(): Promise<string> {
  const [, ...rows] = listCommands(await createProgram())
  return [INTRODUCTION, ...rows.map(renderCommand)].join('\n')
}

function renderCommand({
  path,
  description,
  options,
  arguments: given,
  names,
}: CommandRow): string {
  const words = given.map((argument) => {
    const word = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? `<${word}>` : `[${word}]`
  })
  const usage = ['coffer', ...path, ...(names.length > 0 ? ['<command>'] : words)].join(' ')
  const [settings, own] = partition(options)
  const lines = [
    ...given.map(renderArgument),
    ...own.map(renderOption),
    ...(settings.length > 0 ? [renderSettings(settings)] : []),
    ...(names.length > 0 ? [`- Commands: ${names.map(code).join(', ')}`] : []),
  ]
  const heading = '#'.repeat(path.length + 1)
  return `${heading} ${usage}\n\n${[description, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n')}\n`
}

function renderArgument(argument: Argument): string {
  return `- ${code(argument.name())}: ${argument.description}`
}

function renderOption({ flags, description, defaultValue }: Option): string {
  const fallback = typeof defaultValue === 'string' ? ` (default ${code(defaultValue)})` : ''
  return `- ${code(flags)}: ${description}${fallback}`
}

const SETTING_FLAGS: ReadonlySet<unknown> = new Set(Object.values(SETTINGS).map(flagOf))
const MAX_NAMED_SETTINGS = 4

/** Settings stand on a page of their own. */
function renderSettings(settings: readonly Option[]): string {
  const names = settings.map(({ long }) => code(long ?? ''))
  const named = names.length > MAX_NAMED_SETTINGS ? 'all' : names.join(', ')
  return `- Settings: ${named}, see [configuration](configuration.md)`
}

/** Settings, and what belongs to the command alone. */
function partition(options: readonly Option[]): readonly [readonly Option[], readonly Option[]] {
  const own = options.filter(({ long }) => long !== '--help')
  return [
    own.filter(({ long }) => SETTING_FLAGS.has(long)),
    own.filter(({ long }) => !SETTING_FLAGS.has(long)),
  ]
}

function code(text: string): string {
  return `\`${text}\``
}
