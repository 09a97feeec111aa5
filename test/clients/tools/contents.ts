/** What there is, by name: so that two places can be compared as a whole. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import type { ClientServer } from '../client-server.ts'

/** Names with the SHA-256 of what lies there. */
export type Contents = Readonly<Record<string, string>>

/** The files below the folder. */
export async function readFolder(folder: string): Promise<Contents> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return digestAll(paths.map((path) => [relative(folder, path), () => createReadStream(path)]))
}

/** The objects of the bucket as the AWS SDK reads them: what a client wrote is seen by another. */
export async function readBucket(
  server: Pick<ClientServer, 'url' | 'accessKey' | 'secretKey'>,
  { bucket, prefix = '' }: { readonly bucket: string; readonly prefix?: string },
): Promise<Contents> {
  const client = openSdk(server)
  const sources: Source[] = []
  for await (const { Contents: objects = [] } of paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix },
  )) {
    for (const { Key: key = '' } of objects) {
      const open = async (): Promise<Readable> => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        if (Body instanceof Readable) return Body
        throw new Error(`${key} has no body.`)
      }
      sources.push([key.slice(prefix.length), open])
    }
  }
  return digestAll(sources).finally(() => client.destroy())
}

export function openSdk({
  url,
  accessKey,
  secretKey,
}: Pick<ClientServer, 'url' | 'accessKey' | 'secretKey'>): S3Client {
  return new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  })
}

type Source = readonly [name: string, open: () => Readable | Promise<Readable>]

async function digestAll(sources: readonly Source[]): Promise<Contents> {
  const digests: Record<string, string> = {}
  for (const [name, open] of sources) {
    const hash = createHash('sha256')
    await pipeline(await open(), hash)
    digests[name] = hash.digest('hex')
  }
  return digests
}
