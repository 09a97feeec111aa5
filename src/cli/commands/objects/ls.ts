import { Command } from 'commander'
import { openS3, type S3Client } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import {
  listBuckets,
  type ListedBucket,
  type ListedObject,
  type ListedPrefix,
  type ListedVersion,
  listObjects,
  listVersions,
} from '../../s3/lists.ts'
import { renderSize, renderTime } from '../../s3/quantities.ts'
import { parseTarget } from '../../s3/target.ts'
import { printLines } from '../../print-lines.ts'

type Options = EndpointOptions & {
  readonly recursive?: true
  readonly versions?: true
  readonly json?: true
}

type Listed = ListedBucket | ListedObject | ListedPrefix | ListedVersion

export function lsCommand(): Command {
  const command = new Command('ls')
    .description('List buckets, or the objects whose keys begin with a prefix.')
    .argument('[target]', 'bucket, or bucket/prefix; without one, the buckets')
    .option('-r, --recursive', 'all keys, not only up to the next slash')
    .option('--versions', 'every version and delete marker')
    .option('--json', 'one line of JSON each')
    .action(list)
  return addEndpointOptions(command)
}

async function list(target: string | undefined, options: Options): Promise<void> {
  const client = openS3(await findEndpoint(options))
  const entries = target === undefined ? listBuckets(client) : listTarget(client, target, options)
  await printLines(entries, options.json === true ? undefined : renderEntry)
}

function listTarget(
  client: S3Client,
  target: string,
  { recursive, versions }: Options,
): AsyncIterable<Listed> {
  const { bucket, key: prefix } = parseTarget(target)
  const request = { bucket, prefix, ...(recursive !== true && { delimiter: '/' as const }) }
  return versions === true ? listVersions(client, request) : listObjects(client, request)
}

const TIME_WIDTH = 19
const SIZE_WIDTH = 11

function renderEntry(entry: Listed): string {
  if ('name' in entry) return `${renderTime(entry.createdAt)}  ${entry.name}`
  if ('prefix' in entry) return `${' '.repeat(TIME_WIDTH + SIZE_WIDTH)}  ${entry.prefix}`
  const size = entry.sizeBytes === undefined ? 'deleted' : renderSize(entry.sizeBytes)
  const facts = `${renderTime(entry.modifiedAt)}${size.padStart(SIZE_WIDTH)}`
  if (!('versionId' in entry)) return `${facts}  ${entry.key}`
  return `${facts}  ${entry.versionId}${entry.isLatest ? ' (latest)' : ''}  ${entry.key}`
}
