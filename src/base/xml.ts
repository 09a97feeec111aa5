// XML as S3 speaks it, both ways. Reading is strict and bounded; writing keeps every character.
import { SaxesParser } from 'saxes'

/** An element that was read. Names carry no namespace prefix; comments and whitespace are gone. */
export type XmlElement = {
  readonly name: string
  /** Its own text, joined; as written when it has no children, else trimmed. */
  readonly text: string
  readonly children: readonly XmlElement[]
  /** By name as written, e.g. `xsi:type`. */
  readonly attributes: ReadonlyMap<string, string>
}

export type XmlErrorCode = 'MalformedXml' | 'XmlTooLarge' | 'XmlTooDeep'

export class XmlError extends Error {
  override readonly name = 'XmlError'
  readonly code: XmlErrorCode

  constructor(code: XmlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type XmlLimits = { readonly maxSizeBytes: number; readonly maxDepth: number }

/** Above the largest S3 document: 10,000 parts, each with a checksum, to complete an upload. */
const DEFAULT_LIMITS: XmlLimits = { maxSizeBytes: 4 * 1024 * 1024, maxDepth: 16 }

/**
 * The root element of a document in UTF-8. References to control characters are understood although
 * XML 1.0 forbids them, so that whatever `xmlText` wrote can be read back.
 * @throws XmlError `MalformedXml` (also for any DTD), `XmlTooLarge`, `XmlTooDeep`
 */
export function parseXml(
  source: string | Uint8Array,
  limits: XmlLimits = DEFAULT_LIMITS,
): XmlElement {
  if (source.length > limits.maxSizeBytes) {
    throw new XmlError('XmlTooLarge', `The document is larger than ${limits.maxSizeBytes} bytes.`)
  }
  return parse(typeof source === 'string' ? source : decodeUtf8(source), limits.maxDepth)
}

export function findChild(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

export function findChildren(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

export function findChildText(element: XmlElement, name: string): string | undefined {
  return findChild(element, name)?.text
}

/** Elements and attributes: all that S3 says of 10,000 parts is 70,000. */
const MAX_NODES = 100_000

type OpenElement = {
  readonly name: string
  text: string
  readonly children: OpenElement[]
  readonly attributes: ReadonlyMap<string, string>
}

function parse(text: string, maxDepth: number): XmlElement {
  const parser = new SaxesParser({ position: false, xmlns: false })
  const document: OpenElement = open('')
  const path = [document]
  parser.on('error', (error) => {
    throw new XmlError('MalformedXml', `The XML is not well-formed: ${error.message}`)
  })
  parser.on('doctype', () => {
    throw new XmlError('MalformedXml', 'The XML has a document type declaration. Send it without.')
  })
  let nodes = 0
  const count = (): void => {
    nodes += 1
    if (nodes <= MAX_NODES) return
    throw new XmlError('XmlTooLarge', `The XML has more than ${MAX_NODES} elements and attributes.`)
  }
  parser.on('attribute', count)
  parser.on('opentag', ({ name, attributes }) => {
    count()
    if (path.length > maxDepth) {
      throw new XmlError('XmlTooDeep', `The XML is nested deeper than ${maxDepth} levels.`)
    }
    const element = open(name.slice(name.indexOf(':') + 1), attributes)
    path.at(-1)?.children.push(element)
    path.push(element)
  })
  const append = (piece: string): void => {
    const element = path.at(-1)
    if (element !== undefined) element.text += piece
  }
  parser.on('text', append)
  parser.on('cdata', append)
  parser.on('closetag', () => {
    const element = path.pop()
    if (element !== undefined && element.children.length > 0) element.text = element.text.trim()
  })
  parser.write(nameControlReferences(text, parser.ENTITIES)).close()
  const root = document.children[0]
  if (root === undefined) throw new XmlError('MalformedXml', 'The XML has no root element.')
  return root
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

function open(name: string, attributes: Readonly<Record<string, string>> = {}): OpenElement {
  const entries = Object.entries(attributes)
  return {
    name,
    text: '',
    children: [],
    attributes: entries.length === 0 ? NO_ATTRIBUTES : new Map(entries),
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new XmlError('MalformedXml', 'The XML is not valid UTF-8.', { cause })
  }
}

const CONTROL_REFERENCE = /&#(?:x0*([01]?[0-9a-f]|fff[ef])|0*([12]?\d|3[01]));/gi

/** Turns `&#x1;`, which the parser refuses, into an entity that it is told about. */
function nameControlReferences(text: string, entities: Record<string, string>): string {
  if (!text.includes('&#') || text.includes('<![CDATA[')) return text
  return text.replace(CONTROL_REFERENCE, (_, hex: string | undefined, decimal: string) => {
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16)
    const name = `control-${code}`
    entities[name] = String.fromCharCode(code)
    return `&${name};`
  })
}

declare const rendered: unique symbol

/** Finished XML, so that raw text cannot slip in unescaped. */
export type Xml = string & { readonly [rendered]: true }

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** A whole document: the declaration and its root. */
export function renderXml(root: Xml): string {
  return XML_DECLARATION + root
}

/** An element with children; `undefined` ones are left out. Names and namespace are trusted. */
export function xmlElement(
  name: string,
  children: readonly (Xml | undefined)[],
  attributes?: Readonly<Record<string, string>>,
): Xml {
  let content = ''
  for (const child of children) if (child !== undefined) content += child
  const start = attributes === undefined ? name : name + renderAttributes(attributes)
  return finish(content === '' ? `<${start}/>` : `<${start}>${content}</${name}>`)
}

function renderAttributes(attributes: Readonly<Record<string, string>>): string {
  let text = ''
  for (const key in attributes) text += ` ${key}="${escapeXml(attributes[key] ?? '')}"`
  return text
}

/** An element that holds text, escaped; nothing at all for `undefined`. Dates as S3 writes them. */
export function xmlText(name: string, value: string | number | boolean | Date): Xml
export function xmlText(
  name: string,
  value: string | number | boolean | Date | undefined,
): Xml | undefined
export function xmlText(
  name: string,
  value: string | number | boolean | Date | undefined,
): Xml | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return finish(`<${name}>${escapeXml(value)}</${name}>`)
  // What is no text has nothing to escape.
  return finish(`<${name}>${value instanceof Date ? value.toISOString() : value}</${name}>`)
}

/** An element whose text stands in quotation marks. */
export function xmlQuoted(name: string, value: string): Xml {
  return finish(`<${name}>&quot;${escapeXml(value)}&quot;</${name}>`)
}

/** Elements that stand one after the other. */
export function xmlFragment(elements: readonly Xml[]): Xml {
  return finish(elements.join(''))
}

/** Text between elements, escaped. */
export function xmlCharacters(text: string): Xml {
  return finish(escapeXml(text))
}

function finish(text: string): Xml {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that makes it
  return text as Xml
}

// oxlint-disable-next-line no-control-regex -- these are the characters that need care
const NEEDS_ESCAPE = /[&<>"\u0000-\u0008\u000b-\u001f\ufffe\uffff]/
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[&<>"\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/**
 * Control characters become numeric references, as AWS answers them. XML 1.0 does not allow that,
 * so strict parsers refuse such a document; clients with such keys ask for `encoding-type=url`.
 * @see S3 User Guide, "Naming Amazon S3 objects", XML related object key constraints
 */
export function escapeXml(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text
  return text.replace(
    ESCAPED,
    (character) => NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  )
}
