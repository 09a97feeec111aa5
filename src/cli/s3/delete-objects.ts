/** Deleting much: a thousand names in a request. */
import { digestOf } from '../../base/digest.ts'
import { sha256Hex } from '../../base/sigv4.ts'
import { findChildren, findChildText, renderXml, xmlElement, xmlText } from '../../base/xml.ts'
import type { S3Client } from './client.ts'
import { bytesPayload } from './payload.ts'
import { S3Refusal } from './s3-failure.ts'
import { renderTarget } from './target.ts'

/** @see S3 API Reference, DeleteObjects */
const NAMES_AT_ONCE = 1000

export type ObjectName = { readonly key: string; readonly versionId?: string }

export type Deletion = {
  readonly bucket: string
  readonly bypassGovernance?: true | undefined
}

/** What came of each name, as it comes: an error where it is not deleted. */
export async function* deleteObjects(
  client: S3Client,
  names: AsyncIterable<ObjectName>,
  deletion: Deletion,
): AsyncGenerator<{ readonly name: ObjectName; readonly error?: S3Refusal }> {
  for await (const batch of batches(names)) {
    const refused = await deleteBatch(client, batch, deletion)
    for (const name of batch) {
      const error = refused.get(identify(name))
      yield error === undefined ? { name } : { name, error }
    }
  }
}

async function deleteBatch(
  client: S3Client,
  batch: readonly ObjectName[],
  { bucket, bypassGovernance }: Deletion,
): Promise<ReadonlyMap<string, S3Refusal>> {
  const body = Buffer.from(renderXml(renderNames(batch)))
  const root = await client.ask({
    method: 'POST',
    bucket,
    query: { delete: '' },
    headers: {
      'content-md5': Buffer.from(digestOf('MD5', body)).toString('base64'),
      'content-type': 'application/xml',
      'x-amz-bypass-governance-retention': bypassGovernance && 'true',
    },
    payload: bytesPayload(body),
    payloadHash: sha256Hex(body),
  })
  return new Map(
    findChildren(root, 'Error').map((error) => {
      const key = findChildText(error, 'Key') ?? ''
      const versionId = findChildText(error, 'VersionId')
      const name = { key, ...(versionId !== undefined && versionId !== '' && { versionId }) }
      const refusal = new S3Refusal({
        code: findChildText(error, 'Code') ?? 'InternalError',
        message: `${renderTarget({ bucket, key })}: ${findChildText(error, 'Message') ?? ''}`,
      })
      return [identify(name), refusal]
    }),
  )
}

function renderNames(batch: readonly ObjectName[]): ReturnType<typeof xmlElement> {
  const objects = batch.map(({ key, versionId }) =>
    xmlElement('Object', [xmlText('Key', key), xmlText('VersionId', versionId)]),
  )
  return xmlElement('Delete', [xmlText('Quiet', true), ...objects], {
    xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/',
  })
}

async function* batches(names: AsyncIterable<ObjectName>): AsyncGenerator<readonly ObjectName[]> {
  let batch: ObjectName[] = []
  for await (const name of names) {
    batch.push(name)
    if (batch.length < NAMES_AT_ONCE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function identify({ key, versionId = '' }: ObjectName): string {
  return JSON.stringify([key, versionId])
}
