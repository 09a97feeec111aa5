import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { ConfigurationError } from '../../../app/config.ts'
import { EXIT_CODES } from '../../explain-error.ts'
import { endWithReader, printLine, printText } from '../../print-lines.ts'
import { openS3, type S3Client } from '../../s3/client.ts'
import { deleteObjects, type ObjectName } from '../../s3/delete-objects.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { listKeys, listVersions } from '../../s3/lists.ts'
import { TransferError } from '../../s3/s3-failure.ts'
import {
  folderPrefix,
  parseObjectTarget,
  parseTarget,
  renderTarget,
  type Target,
} from '../../s3/target.ts'

type Options = EndpointOptions & {
  readonly recursive?: true
  readonly versions?: true
  readonly versionId?: string
  readonly force?: true
  readonly bypassGovernance?: true
  readonly json?: true
}

export function rmCommand(): Command {
  const command = new Command('rm')
    .description('Delete an object, or with --recursive all below a prefix.')
    .argument('<target>', 'bucket/key; with --recursive bucket or bucket/prefix')
    .option('-r, --recursive', 'everything in that folder')
    .option('--versions', 'every version and delete marker, for good')
    .option('--version-id <id>', 'this version, for good')
    .option('--force', 'do not ask before deleting recursively')
    .option('--bypass-governance', 'also what is locked in governance mode')
    .option('--json', 'one line of JSON each')
    .action(remove)
  return addEndpointOptions(command)
}

async function remove(text: string, options: Options): Promise<void> {
  const { recursive, versions, versionId, bypassGovernance } = options
  if (versionId !== undefined && (recursive === true || versions === true)) {
    throw new ConfigurationError(
      '--version-id names one version. Leave --recursive and --versions.',
    )
  }
  const target = recursive === true ? parseFolder(text) : parseObjectTarget(text)
  if (recursive === true && options.force !== true) await confirm(target)
  const client = openS3(await findEndpoint(options))
  endWithReader(EXIT_CODES.failed)
  const names = listNames(client, target, options)
  let failures = 0
  for await (const { name, error } of deleteObjects(client, names, {
    bucket: target.bucket,
    bypassGovernance,
  })) {
    if (error !== undefined) {
      failures++
      process.stderr.write(`coffer: ${error.message}\n`)
    } else await tellDeleted(target.bucket, name, options)
  }
  if (failures === 0) return
  throw new TransferError('SomeFailed', `${failures} of them could not be deleted.`)
}

function parseFolder(text: string): Target {
  const { bucket, key } = parseTarget(text)
  return { bucket, key: folderPrefix(key) }
}

async function* listNames(
  client: S3Client,
  { bucket, key }: Target,
  { recursive, versions, versionId }: Options,
): AsyncGenerator<ObjectName> {
  if (versions === true) {
    for await (const entry of listVersions(client, { bucket, prefix: key })) {
      if (!('key' in entry)) continue
      if (recursive === true || entry.key === key) {
        yield { key: entry.key, versionId: entry.versionId }
      } else return
    }
  } else if (recursive === true) {
    for await (const object of listKeys(client, { bucket, prefix: key })) yield { key: object.key }
  } else yield { key, ...(versionId !== undefined && { versionId }) }
}

async function tellDeleted(bucket: string, name: ObjectName, { json }: Options): Promise<void> {
  if (json === true) return printLine({ event: 'deleted', bucket, ...name })
  const version = name.versionId === undefined ? '' : ` (version ${name.versionId})`
  await printText(`deleted ${renderTarget({ bucket, key: name.key })}${version}`)
}

/** Resolves when somebody at a terminal said yes. */
async function confirm(target: Target): Promise<void> {
  const name = renderTarget(target)
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ConfigurationError(`Deleting all of ${name} needs --force where nobody can be asked.`)
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`Delete everything in ${name}? [y/N] `)
  terminal.close()
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new ConfigurationError('Nothing is deleted.')
}
