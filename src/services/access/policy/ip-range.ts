// Addresses as bytes, four or sixteen, and ranges of them in CIDR notation.

export type IpRange = { readonly bytes: readonly number[]; readonly prefixBits: number }

/**
 * The range, e.g. `203.0.113.0/24`, or the single address; undefined for what is neither.
 * IPv4 inside IPv6 is IPv4: `::ffff:203.0.113.7`, as sockets for both name their peers.
 */
export function parseIpRange(text: string): IpRange | undefined {
  const [address = '', prefix, ...others] = text.split('/')
  const bytes = parseIpAddress(address)
  if (bytes === undefined || others.length > 0) return undefined
  const bits = bytes.length * 8
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined
  const prefixBits = prefix === undefined ? bits : Number(prefix)
  return prefixBits > bits ? undefined : unmapped({ bytes, prefixBits })
}

/** Whether all of the second range lies in the first. */
export function containsRange(outer: IpRange, inner: IpRange): boolean {
  if (outer.bytes.length !== inner.bytes.length) return false
  if (inner.prefixBits < outer.prefixBits) return false
  return outer.bytes.every((byte, at) => {
    const bits = Math.min(8, Math.max(0, outer.prefixBits - at * 8))
    return byte >> (8 - bits) === (inner.bytes[at] ?? 0) >> (8 - bits)
  })
}

const MAPPED_BITS = 96

function unmapped(range: IpRange): IpRange {
  const isMapped =
    range.bytes.length === 16 &&
    range.prefixBits >= MAPPED_BITS &&
    range.bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 255))
  if (!isMapped) return range
  return { bytes: range.bytes.slice(12), prefixBits: range.prefixBits - MAPPED_BITS }
}

function parseIpAddress(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.')
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part))
  const bytes = parts.map(Number)
  return isAddress && bytes.every((byte) => byte <= 255) ? bytes : undefined
}

/** RFC 4291 §2.2: groups of hexadecimal digits, one `::` for zeros, IPv4 as the last two. */
function parseIpv6(text: string): readonly number[] | undefined {
  const [head = '', tail, ...others] = text.split('::')
  if (others.length > 0 || (tail !== undefined && head.includes('.'))) return undefined
  const first = parseGroups(head)
  const last = parseGroups(tail ?? '')
  if (first === undefined || last === undefined) return undefined
  const missing = 16 - first.length - last.length
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined
  return [...first, ...Array.from({ length: missing }, () => 0), ...last]
}

function parseGroups(text: string): readonly number[] | undefined {
  const groups = text === '' ? [] : text.split(':')
  const bytes = groups.map((group, at) => {
    if (group.includes('.')) return at === groups.length - 1 ? parseIpv4(group) : undefined
    const value = /^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : undefined
    return value === undefined ? undefined : [value >> 8, value & 255]
  })
  return bytes.includes(undefined) ? undefined : bytes.flatMap((pair) => pair ?? [])
}
