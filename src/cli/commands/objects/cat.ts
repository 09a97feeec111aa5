import { once } from 'node:events'
import { Command } from 'commander'
import { ConfigurationError } from '../../../app/config.ts'
import { EXIT_CODES } from '../../explain-error.ts'
import { openS3 } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { createVerifier, headObject, readObject } from '../../s3/read-object.ts'
import { TransferError } from '../../s3/s3-failure.ts'
import { parseObjectTarget, renderTarget } from '../../s3/target.ts'

type Options = EndpointOptions & { readonly range?: string; readonly versionId?: string }

export function catCommand(): Command {
  const command = new Command('cat')
    .description('Write an object to standard output; wrong bytes make it fail at the end.')
    .argument('<object>', 'bucket/key')
    .option(
      '--range <first-last>',
      'some of its bytes, counted from 0: 0-99, 100-, or -100 at the end',
    )
    .option('--version-id <id>', 'this version of it')
    .action(write)
  return addEndpointOptions(command)
}

async function write(target: string, options: Options): Promise<void> {
  const { range, versionId } = options
  const source = { ...parseObjectTarget(target), ...(versionId !== undefined && { versionId }) }
  const readRange = range === undefined ? undefined : parseRange(range)
  const client = openS3(await findEndpoint(options))
  const facts = await headObject(client, source)
  const { from, to } = readRange?.(facts.sizeBytes) ?? { from: 0, to: facts.sizeBytes }
  if (readRange !== undefined && from >= to) {
    throw new TransferError(
      'NothingThere',
      `${renderTarget(source)} has ${facts.sizeBytes} bytes, none of them in that range.`,
    )
  }
  const verifier = createVerifier(source, facts)
  process.stdout.once('error', () => process.exit(EXIT_CODES.ok))
  for await (const bytes of readObject(client, source, { facts, from, to })) {
    verifier.update(bytes)
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
  }
  if (range === undefined) verifier.assertRight()
}

type Range = { readonly from: number; readonly to: number }

/** As HTTP has it: both ends count, and a number behind a dash is counted from the end. */
function parseRange(text: string): (sizeBytes: number) => Range {
  const [, first = '', last = ''] = /^(\d*)-(\d*)$/.exec(text) ?? []
  if ((first === '' && last === '') || (first !== '' && last !== '' && +last < +first)) {
    throw new ConfigurationError(`--range is "${text}", which is none of 0-99, 100- and -100.`)
  }
  return (sizeBytes) => {
    if (first === '') return { from: Math.max(0, sizeBytes - Number(last)), to: sizeBytes }
    const to = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes)
    return { from: Number(first), to }
  }
}
