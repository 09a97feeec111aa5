/** An object goes to standard output, no faster than it is read. */
import { once } from 'node:events'
import { EXIT_CODES } from '../explain-error.ts'
import { endWithReader } from '../print-lines.ts'
import type { S3Client } from '../s3/client.ts'
import { createVerifier, headObject, readObject, type Source } from '../s3/read-object.ts'
import { TransferError } from '../s3/s3-failure.ts'
import { renderTarget } from '../s3/target.ts'

/** What of an object of a certain size is wanted; `to` is exclusive. */
export type RangeOf = (sizeBytes: number) => { readonly from: number; readonly to: number }

export type WriteOptions = { readonly rangeOf?: RangeOf; readonly signal?: AbortSignal }

/** Its bytes are written. @throws TransferError `WrongBytes`, after wrong ones, `ObjectChanged` */
export async function writeObject(
  client: S3Client,
  source: Source,
  { rangeOf, signal }: WriteOptions = {},
): Promise<void> {
  const facts = await headObject(client, source, signal)
  const { sizeBytes } = facts
  const { from, to } = rangeOf?.(sizeBytes) ?? { from: 0, to: sizeBytes }
  if (rangeOf !== undefined && from >= to) {
    const name = renderTarget(source)
    throw new TransferError(
      'NothingThere',
      `${name} has ${sizeBytes} bytes, none of them in that range.`,
    )
  }
  const verifier = createVerifier(source, facts)
  endWithReader(EXIT_CODES.ok)
  const stretch = { facts, from, to, ...(signal !== undefined && { signal }) }
  for await (const bytes of readObject(client, source, stretch)) {
    verifier.update(bytes)
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
  }
  if (rangeOf === undefined) verifier.assertRight()
}
