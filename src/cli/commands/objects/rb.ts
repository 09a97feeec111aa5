import { Command } from 'commander'
import { tell } from '../../records.ts'
import { openS3, type S3Client } from '../../s3/client.ts'
import { deleteObjects, type ObjectName } from '../../s3/delete-objects.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { listVersions } from '../../s3/lists.ts'
import { abortUpload, listUploads } from '../../s3/multipart.ts'
import { parseBucketTarget } from '../../s3/target.ts'

type Options = EndpointOptions & { readonly force?: true; readonly json?: true }

export function rbCommand(): Command {
  const command = new Command('rb')
    .description('Remove a bucket.')
    .argument('<bucket>', 'its name')
    .option('--force', 'with everything in it: all versions, and uploads under way')
    .option('--json', 'print what was done as one line of JSON')
    .action(removeBucket)
  return addEndpointOptions(command)
}

async function removeBucket(target: string, options: Options): Promise<void> {
  const bucket = parseBucketTarget(target)
  const client = openS3(await findEndpoint(options))
  if (options.force === true) await empty(client, bucket)
  await client.send({ method: 'DELETE', bucket })
  await tell(options, {
    answer: { event: 'deleted', bucket },
    text: `Bucket ${bucket} is removed.`,
  })
}

async function empty(client: S3Client, bucket: string): Promise<void> {
  for await (const { error } of deleteObjects(client, allVersions(client, bucket), { bucket })) {
    if (error !== undefined) throw error
  }
  for await (const upload of listUploads(client, { bucket })) await abortUpload(client, upload)
}

async function* allVersions(client: S3Client, bucket: string): AsyncGenerator<ObjectName> {
  for await (const entry of listVersions(client, { bucket })) if ('key' in entry) yield entry
}
