import { Command } from 'commander'
import { sha256Hex } from '../../../base/sigv4.ts'
import { renderXml, xmlElement, xmlText } from '../../../base/xml.ts'
import { tell } from '../../records.ts'
import { openS3, type S3Client } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { bytesPayload, type Payload } from '../../s3/payload.ts'
import { S3Refusal } from '../../s3/s3-failure.ts'
import { parseBucketTarget } from '../../s3/target.ts'

type Options = EndpointOptions & {
  readonly versioning?: true
  readonly objectLock?: true
  readonly json?: true
}

export function mbCommand(): Command {
  const command = new Command('mb')
    .description('Make a bucket.')
    .argument('<bucket>', 'its name')
    .option('--versioning', 'it keeps every version')
    .option('--object-lock', 'its versions can be locked; implies --versioning')
    .option('--json', 'print what was done as one line of JSON')
    .action(makeBucket)
  return addEndpointOptions(command)
}

async function makeBucket(target: string, options: Options): Promise<void> {
  const bucket = parseBucketTarget(target)
  const client = openS3(await findEndpoint(options))
  const isThere = await hasBucket(client, bucket)
  const lock = options.objectLock === true ? 'true' : undefined
  await client.send({
    method: 'PUT',
    bucket,
    headers: { 'x-amz-bucket-object-lock-enabled': lock },
    ...locate(client),
  })
  if (options.versioning === true && lock === undefined) await enableVersioning(client, bucket)
  await tell(options, {
    answer: { event: isThere ? 'found' : 'created', bucket },
    text: isThere ? `Bucket ${bucket} was there already.` : `Bucket ${bucket} is made.`,
  })
}

/** Who makes a bucket of their own again is told by S3 that all went well. */
async function hasBucket(client: S3Client, bucket: string): Promise<boolean> {
  try {
    await client.send({ method: 'HEAD', bucket })
    return true
  } catch (error) {
    if (error instanceof S3Refusal) return false
    throw error
  }
}

/** AWS wants to hear the region, unless it is the first one. */
function locate({ endpoint: { region } }: S3Client): Document {
  if (region === 'us-east-1') return {}
  return document(
    renderXml(xmlElement('CreateBucketConfiguration', [xmlText('LocationConstraint', region)])),
  )
}

async function enableVersioning(client: S3Client, bucket: string): Promise<void> {
  const text = renderXml(xmlElement('VersioningConfiguration', [xmlText('Status', 'Enabled')]))
  await client.send({ method: 'PUT', bucket, query: { versioning: '' }, ...document(text) })
}

type Document = { readonly payload?: Payload; readonly payloadHash?: string }

function document(text: string): Document {
  const bytes = Buffer.from(text)
  return { payload: bytesPayload(bytes), payloadHash: sha256Hex(bytes) }
}
