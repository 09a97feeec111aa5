import { Command } from 'commander'
import { ConfigurationError } from '../../../app/config.ts'
import { openS3 } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { parseObjectTarget } from '../../s3/target.ts'
import { type RangeOf, writeObject } from '../../transfer/write-object.ts'

type Options = EndpointOptions & { readonly range?: string; readonly versionId?: string }

export function catCommand(): Command {
  const command = new Command('cat')
    .description('Write an object to standard output; wrong bytes make it fail at the end.')
    .argument('<object>', 'bucket/key')
    .option('--range <first-last>', 'some bytes, counted from 0: 0-99, 100-, or -100 at the end')
    .option('--version-id <id>', 'this version of it')
    .action(write)
  return addEndpointOptions(command)
}

async function write(target: string, options: Options): Promise<void> {
  const { range, versionId } = options
  const source = { ...parseObjectTarget(target), ...(versionId !== undefined && { versionId }) }
  const rangeOf = range === undefined ? undefined : parseRange(range)
  const client = openS3(await findEndpoint(options))
  await writeObject(client, source, { ...(rangeOf !== undefined && { rangeOf }) })
}

/** As HTTP has it: both ends count, and a number behind a dash is counted from the end. */
function parseRange(text: string): RangeOf {
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
