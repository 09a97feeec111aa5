import { Command } from 'commander'
import { ConfigurationError } from '../../../app/config.ts'
import { systemClock } from '../../../base/clock.ts'
import { EXIT_CODES, explainError } from '../../explain-error.ts'
import { endWithReader, printLine, printText } from '../../print-lines.ts'
import { collectPair } from '../../records.ts'
import { openS3 } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { inParallel } from '../../s3/in-parallel.ts'
import { type Headers, MIN_PART_SIZE_BYTES } from '../../s3/multipart.ts'
import { parseSize, renderSize } from '../../s3/quantities.ts'
import type { Source } from '../../s3/read-object.ts'
import { isRefusal, TransferError } from '../../s3/s3-failure.ts'
import { isRemote, parseObjectTarget } from '../../s3/target.ts'
import { planCopies, type PlannedCopy, type Wish } from '../../transfer/plan-copies.ts'
import { NO_PROGRESS, openProgress, type Progress } from '../../transfer/progress.ts'
import type { Transfer, Transferred } from '../../transfer/transfer.ts'
import { writeObject } from '../../transfer/write-object.ts'

type Options = EndpointOptions & {
  readonly recursive?: true
  readonly versionId?: string
  readonly contentType?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly partSize: string
  readonly quiet?: true
  readonly json?: true
}

/** Of each, up to four parts or ranges are on their way: 40 MiB of memory at most. */
const OBJECTS_AT_ONCE = 4
/** @see S3 User Guide, "Amazon S3 multipart upload limits" */
const MAX_PART_SIZE_BYTES = 5 * 1024 ** 3

export function cpCommand(): Command {
  const command = new Command('cp')
    .description('Copy files to objects, objects to files, objects to objects.')
    .argument('<from>', 'a file, s3://bucket/key, or - for standard input')
    .argument('<to>', 'a file or folder, s3://bucket/key, s3://bucket/prefix/, or -')
    .option('-r, --recursive', 'everything in that folder or below that prefix')
    .option('--version-id <id>', 'this version of the object')
    .option('--content-type <type>', 'of the new objects; otherwise as the name of the file tells')
    .option('--metadata <name=value>', 'of the new objects; may be repeated', collectPair)
    .option('--part-size <size>', 'of what is sent in parts, 5MiB or more', '16MiB')
    .option('--quiet', 'print nothing but failures')
    .option('--json', 'one line of JSON for each')
    .action(copy)
  return addEndpointOptions(command)
}

async function copy(from: string, to: string, options: Options): Promise<void> {
  const { recursive = false, versionId, partSize } = options
  const wish = { from, to, recursive, ...(versionId !== undefined && { versionId }) }
  const partSizeBytes = readPartSize(partSize)
  assertPossible(wish)
  const client = openS3(await findEndpoint(options))
  const signal = stopSignal()
  try {
    if (to === '-') return await writeObject(client, toSource(wish), { signal })
    endWithReader(EXIT_CODES.failed)
    const progress = showProgress(options)
    const headers = readHeaders(options)
    const transfer = { client, progress, signal, partSizeBytes, headers }
    await run(wish, { transfer, options }).finally(() => progress.close())
  } catch (error) {
    if (!signal.aborted) throw error
    const message = `Stopped before the end. ${adviseToResume(wish)}`
    throw new TransferError('Interrupted', message, { cause: error })
  }
}

function adviseToResume({ from, to, recursive }: Wish): string {
  if (from === '-') return 'Nothing is kept.'
  if (to === '-') return 'What was written is not whole.'
  if (!recursive) return 'The same command goes on from here.'
  return 'The same command copies all again, but goes on within those that were under way.'
}

type Running = { readonly transfer: Transfer; readonly options: Options }

async function run(wish: Wish, { transfer, options }: Running): Promise<void> {
  const sum = { event: 'finished', objects: 0, sizeBytes: 0, failed: 0 }
  await inParallel(planCopies(transfer.client, wish), OBJECTS_AT_ONCE, async (planned) => {
    transfer.signal.throwIfAborted()
    try {
      const transferred = await planned.run(transfer)
      sum.objects++
      sum.sizeBytes += transferred.sizeBytes
      transfer.progress.clear()
      await tell(planned, transferred, options)
    } catch (error) {
      if (!wish.recursive || transfer.signal.aborted || isHopeless(error)) throw error
      sum.failed++
      transfer.progress.clear()
      process.stderr.write(`coffer: ${planned.from}: ${explainError(error).message}\n`)
    }
  })
  transfer.progress.clear()
  if (wish.recursive) await tellSum(sum, options)
  if (sum.failed > 0) throw new TransferError('SomeFailed', `${sum.failed} could not be copied.`)
}

/** What one object meets, all others would meet. */
function isHopeless(error: unknown): boolean {
  if (error instanceof TransferError) return error.code === 'ConnectionFailed'
  return isRefusal(error, 'NoSuchBucket', 'InvalidAccessKeyId', 'SignatureDoesNotMatch')
}

async function tell(
  { from, to }: PlannedCopy,
  { sizeBytes, etag, resumedBytes }: Transferred,
  { json, quiet }: Options,
): Promise<void> {
  if (json === true) {
    return printLine({
      event: 'copied',
      from,
      to,
      sizeBytes,
      resumedBytes,
      etag: etag.replaceAll('"', ''),
    })
  }
  if (quiet === true) return
  const resumed = resumedBytes === 0 ? '' : `, ${renderSize(resumedBytes)} of them from before`
  await printText(`${from} -> ${to}  ${renderSize(sizeBytes)}${resumed}`)
}

async function tellSum(
  sum: { readonly objects: number; readonly sizeBytes: number },
  { json, quiet }: Options,
): Promise<void> {
  if (json === true) await printLine(sum)
  else if (quiet !== true) await printText(`${sum.objects} copied, ${renderSize(sum.sizeBytes)}`)
}

/** Aborts at the first signal to stop; a second one ends the process as any other. */
function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

function showProgress({ quiet, json, recursive }: Options): Progress {
  if (!process.stderr.isTTY || quiet === true || json === true) return NO_PROGRESS
  const progress = openProgress(process.stderr, systemClock)
  // Of a folder nobody knows the sum before its end.
  return recursive === true ? { ...progress, expect() {} } : progress
}

function assertPossible({ from, to, recursive, versionId }: Wish): void {
  if (recursive && (from === '-' || to === '-')) {
    throw new ConfigurationError('Standard input and output are one object. Leave --recursive.')
  }
  if (versionId !== undefined && (recursive || !isRemote(from))) {
    throw new ConfigurationError('--version-id is for one object that is copied from a store.')
  }
  if (to === '-' && !isRemote(from)) {
    throw new ConfigurationError(`"${from}" is no object. Give s3://bucket/key.`)
  }
}

function toSource({ from, versionId }: Wish): Source {
  return { ...parseObjectTarget(from), ...(versionId !== undefined && { versionId }) }
}

function readPartSize(text: string): number {
  const sizeBytes = parseSize('--part-size', text)
  if (sizeBytes >= MIN_PART_SIZE_BYTES && sizeBytes <= MAX_PART_SIZE_BYTES) return sizeBytes
  throw new ConfigurationError(`--part-size is "${text}"; S3 has parts of 5MiB to 5GiB.`)
}

/** Headers are bytes; metadata that is not ASCII travels as UTF-8. */
function readHeaders({ contentType, metadata = {} }: Options): Headers {
  const entries = Object.entries(metadata).map(([name, value]) => [
    `x-amz-meta-${name.toLowerCase()}`,
    Buffer.from(value).toString('latin1'),
  ])
  return {
    ...Object.fromEntries(entries),
    ...(contentType !== undefined && { 'content-type': contentType }),
  }
}
