import { Command } from 'commander'
import { systemClock } from '../../../base/clock.ts'
import { printLines } from '../../print-lines.ts'
import { openS3 } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { type ListedObject, listKeys } from '../../s3/lists.ts'
import { parseMoment, parseSize } from '../../s3/quantities.ts'
import { parseTarget, renderTarget } from '../../s3/target.ts'

type Options = EndpointOptions & {
  readonly name?: string
  readonly larger?: string
  readonly smaller?: string
  readonly newer?: string
  readonly older?: string
  readonly json?: true
}

type Test = (object: ListedObject) => boolean

export function findCommand(): Command {
  const command = new Command('find')
    .description('Print the objects below a prefix for which everything holds that is asked.')
    .argument('<target>', 'bucket, or bucket/prefix')
    .option(
      '--name <glob>',
      'the name behind the last slash; the whole key when the glob has a slash',
    )
    .option('--larger <size>', 'more bytes than this: 100, 64k, 1GiB')
    .option('--smaller <size>', 'fewer bytes than this')
    .option('--newer <when>', 'changed after a date, or within a time: 2026-11-21, 7d')
    .option('--older <when>', 'changed before that')
    .option('--json', 'one line of JSON each')
    .action(find)
  return addEndpointOptions(command)
}

async function find(target: string, options: Options): Promise<void> {
  const { bucket, key: prefix } = parseTarget(target)
  const tests = readTests(options)
  const client = openS3(await findEndpoint(options))
  const found = select(listKeys(client, { bucket, prefix }), tests)
  await printLines(
    found,
    options.json === true ? undefined : ({ key }) => renderTarget({ bucket, key }),
  )
}

async function* select(
  objects: AsyncIterable<ListedObject>,
  tests: readonly Test[],
): AsyncGenerator<ListedObject> {
  for await (const object of objects) if (tests.every((test) => test(object))) yield object
}

function readTests({ name, larger, smaller, newer, older }: Options): readonly Test[] {
  const now = new Date(systemClock.now())
  const tests: Test[] = []
  if (name !== undefined) tests.push(nameTest(name))
  if (larger !== undefined) {
    const size = parseSize('--larger', larger)
    tests.push(({ sizeBytes }) => sizeBytes > size)
  }
  if (smaller !== undefined) {
    const size = parseSize('--smaller', smaller)
    tests.push(({ sizeBytes }) => sizeBytes < size)
  }
  if (newer !== undefined) {
    const at = parseMoment('--newer', newer, now)
    tests.push(({ modifiedAt }) => new Date(modifiedAt) > at)
  }
  if (older !== undefined) {
    const at = parseMoment('--older', older, now)
    tests.push(({ modifiedAt }) => new Date(modifiedAt) < at)
  }
  return tests
}

function nameTest(glob: string): Test {
  const pattern = parseGlob(glob)
  if (glob.includes('/')) return ({ key }) => pattern.test(key)
  return ({ key }) => pattern.test(key.slice(key.lastIndexOf('/') + 1))
}

/** `*` is any text, `?` any character, `[a-z]` one of these; as in a shell, but slashes count. */
export function parseGlob(glob: string): RegExp {
  const pattern = glob.replaceAll(
    /\*+|\?|\[(!?)([^\]]+)\]|[\s\S]/gu,
    (piece, negated: string | undefined, set: string | undefined) => {
      if (piece.startsWith('*')) return '.*'
      if (piece === '?') return '.'
      if (set !== undefined)
        return `[${negated === '!' ? '^' : ''}${set.replaceAll(/[\\^[]/g, '\\$&')}]`
      return piece.replaceAll(/[\\^$.|+(){}[\]/]/g, '\\$&')
    },
  )
  return new RegExp(`^${pattern}$`, 'su')
}
