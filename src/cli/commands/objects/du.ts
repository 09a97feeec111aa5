import { Command } from 'commander'
import { ConfigurationError } from '../../../app/config.ts'
import { printLines } from '../../print-lines.ts'
import { openS3 } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { type ListedObject, listKeys } from '../../s3/lists.ts'
import { renderSize } from '../../s3/quantities.ts'
import { parseTarget, renderTarget } from '../../s3/target.ts'

type Options = EndpointOptions & { readonly depth: string; readonly json?: true }

export type Usage = {
  readonly prefix: string
  readonly sizeBytes: number
  readonly objects: number
}

export function duCommand(): Command {
  const command = new Command('du')
    .description('Count the objects and bytes below a prefix; of versions, what is shown now.')
    .argument('<target>', 'bucket, or bucket/prefix')
    .option('--depth <number>', 'also each folder, so many below', '0')
    .option('--json', 'one line of JSON each')
    .action(count)
  return addEndpointOptions(command)
}

async function count(target: string, options: Options): Promise<void> {
  const { bucket, key: prefix } = parseTarget(target)
  if (!/^\d{1,4}$/.test(options.depth)) {
    throw new ConfigurationError(`--depth is "${options.depth}", which is no number.`)
  }
  const client = openS3(await findEndpoint(options))
  const request = { prefix, depth: Number(options.depth) }
  const usages = sumUp(listKeys(client, { bucket, prefix }), request)
  const render = ({ prefix: key, sizeBytes, objects }: Usage): string =>
    `${renderSize(sizeBytes).padStart(11)}  ${String(objects).padStart(8)}  ${renderTarget({ bucket, key })}`
  await printLines(usages, options.json === true ? undefined : render)
}

type OpenUsage = { readonly prefix: string; sizeBytes: number; objects: number }

/** A folder is told when its last key has come, so before the one that it is in. */
export async function* sumUp(
  objects: AsyncIterable<ListedObject>,
  { prefix, depth }: { readonly prefix: string; readonly depth: number },
): AsyncGenerator<Usage> {
  const open: OpenUsage[] = [{ prefix, sizeBytes: 0, objects: 0 }]
  for await (const { key, sizeBytes } of objects) {
    while (!key.startsWith(open.at(-1)?.prefix ?? '')) yield* close(open)
    for (let inner = innerFolder(key, open); inner !== undefined && open.length <= depth;) {
      open.push({ prefix: inner, sizeBytes: 0, objects: 0 })
      inner = innerFolder(key, open)
    }
    const last = open.at(-1)
    if (last === undefined) continue
    last.sizeBytes += sizeBytes
    last.objects++
  }
  while (open.length > 0) yield* close(open)
}

function innerFolder(key: string, open: readonly OpenUsage[]): string | undefined {
  const slash = key.indexOf('/', open.at(-1)?.prefix.length ?? 0)
  return slash === -1 ? undefined : key.slice(0, slash + 1)
}

function* close(open: OpenUsage[]): Generator<Usage> {
  const closed = open.pop()
  if (closed === undefined) return
  const outer = open.at(-1)
  if (outer !== undefined) {
    outer.sizeBytes += closed.sizeBytes
    outer.objects += closed.objects
  }
  yield closed
}
