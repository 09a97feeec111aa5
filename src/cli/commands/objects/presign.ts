import { Command, Option } from 'commander'
import { ConfigurationError } from '../../../app/config.ts'
import { systemClock } from '../../../base/clock.ts'
import { printLine, printText } from '../../print-lines.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { parseDuration } from '../../s3/quantities.ts'
import { presign } from '../../s3/sign-request.ts'
import { parseObjectTarget } from '../../s3/target.ts'

type Options = EndpointOptions & {
  readonly method: 'GET' | 'PUT'
  readonly expires: string
  readonly versionId?: string
  readonly json?: true
}

/** @see S3 User Guide, "Sharing objects with presigned URLs" */
const MAX_EXPIRES_SECONDS = 604_800

export function presignCommand(): Command {
  const command = new Command('presign')
    .description('Print a URL by which anybody can read or write an object for a while.')
    .argument('<object>', 'bucket/key')
    .addOption(
      new Option('--method <method>', 'what the URL is for').choices(['GET', 'PUT']).default('GET'),
    )
    .option('--expires <time>', 'how long it counts: 90s, 15m, 1h, up to 7d', '1h')
    .option('--version-id <id>', 'this version of it')
    .option('--json', 'a line of JSON')
    .action(print)
  return addEndpointOptions(command)
}

async function print(target: string, options: Options): Promise<void> {
  const { method, expires, versionId, json } = options
  const { bucket, key } = parseObjectTarget(target)
  const expiresSeconds = parseDuration('--expires', expires)
  if (expiresSeconds < 1 || expiresSeconds > MAX_EXPIRES_SECONDS) {
    throw new ConfigurationError(`--expires is "${expires}"; from 1s to 7d are possible.`)
  }
  const query = versionId === undefined ? {} : { versionId }
  const request = { method, bucket, key, query, expiresSeconds }
  const nowMs = systemClock.now()
  const url = presign(await findEndpoint(options), request, new Date(nowMs))
  const expiresAt = new Date(nowMs + expiresSeconds * 1000)
  await (json === true ? printLine({ url, method, expiresAt }) : printText(url))
}
