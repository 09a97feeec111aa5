// Forms as browsers send them, read as they come. The fields stand before the file and are small;
// the file's bytes pass through, and the body throws before its end unless the form ends as it
// should: a form that was cut must not look like a shorter file.
// @see RFC 7578, RFC 2046 §5.1
import type { FormFields } from '../../http/signature/form-signature.ts'
import { S3Error } from '../errors.ts'
import { createFormScanner, type FormScanner } from './form-scanner.ts'
import { parsePartHead } from './part-head.ts'

export type Form = {
  /** Those before the file; what follows it does not count. */
  readonly fields: FormFields
  /** What the sender calls the file, without folders; empty when it has no name. */
  readonly fileName: string
  /**
   * The file, to be read to its end or closed.
   * @throws S3Error `MalformedPostRequest` before its end
   */
  readonly file: AsyncIterable<Uint8Array>
}

/** All that stands before the file. @see S3 API Reference, "HTML form declaration" */
const FIELDS_SIZE_BYTES = 20 * 1024

/** All that may follow the file. */
const REST_SIZE_BYTES = 20 * 1024

const FILE_FIELD = 'file'

/**
 * The fields of a form and its file.
 * @throws S3Error `MalformedPostRequest`, `FormTooLarge`, `InvalidArgument` when there is no file
 */
export async function readForm(body: AsyncIterable<Uint8Array>, boundary: string): Promise<Form> {
  const scanner = createFormScanner(body, boundary)
  const fields = new Map<string, string>()
  let budget = FIELDS_SIZE_BYTES
  const readText = async (read: (maxBytes: number) => Promise<Uint8Array>): Promise<string> => {
    const bytes = await read(budget)
    budget -= bytes.length
    return decodeText(bytes)
  }
  try {
    await readText((maxBytes) => scanner.readPart(maxBytes))
    while (!(await scanner.isLast())) {
      const { name, fileName } = parsePartHead(
        await readText((maxBytes) => scanner.readHead(maxBytes)),
      )
      if (name === FILE_FIELD) {
        return { fields, fileName: baseName(fileName), file: readFile(scanner) }
      }
      if (fields.has(name)) throw new S3Error('MalformedPostRequest')
      fields.set(name, await readText((maxBytes) => scanner.readPart(maxBytes)))
    }
    throw fileMissing()
  } catch (error) {
    await scanner.close()
    throw error
  }
}

async function* readFile(scanner: FormScanner): AsyncGenerator<Uint8Array> {
  try {
    yield* scanner.passPart()
    let budget = REST_SIZE_BYTES
    while (!(await scanner.isLast())) budget -= (await scanner.readPart(budget)).length
    await scanner.readEpilogue(budget)
  } finally {
    await scanner.close()
  }
}

/** Browsers send a name, some clients a whole path of their own system. */
function baseName(fileName: string): string {
  return fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1)
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new S3Error('MalformedPostRequest', { cause })
  }
}

function fileMissing(): S3Error {
  return new S3Error('InvalidArgument', {
    message: 'POST requires exactly one file upload per request.',
    fields: { ArgumentName: FILE_FIELD, ArgumentValue: '0' },
  })
}
