import { Command } from 'commander'
import { sha256Hex } from '../../../base/sigv4.ts'
import { renderXml, xmlElement, xmlText } from '../../../base/xml.ts'
import { printText } from '../../print-lines.ts'
import { openS3, type S3Client } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { bytesPayload, type Payload } from '../../s3/payload.ts'
import { parseBucketTarget } from '../../s3/target.ts'

type Options = EndpointOptions & { readonly versioning?: true; readonly objectLock?: true }

export function mbCommand(): Command {
  const command = new Command('mb')
    .description('Make a bucket.')
    .argument('<bucket>', 'its name')
    .option('--versioning', 'it keeps every version')
    .option('--object-lock', 'its versions can be locked; implies --versioning')
    .action(makeBucket)
  return addEndpointOptions(command)
}

async function makeBucket(target: string, options: Options): Promise<void> {
  const bucket = parseBucketTarget(target)
  const client = openS3(await findEndpoint(options))
  const lock = options.objectLock === true ? 'true' : undefined
  await client.send({
    method: 'PUT',
    bucket,
    headers: { 'x-amz-bucket-object-lock-enabled': lock },
    ...locate(client),
  })
  if (options.versioning === true && lock === undefined) await enableVersioning(client, bucket)
  await printText(`Bucket ${bucket} is made.`)
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
