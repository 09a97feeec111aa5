// Who really asks, when proxies stand between. What they say counts only from those that the
// operator named: anybody can send these headers.
// @see RFC 7239
import { BlockList, isIP } from 'node:net'
import { findHeader, type HttpHeaders } from '../request.ts'

/** A range of addresses; a single one is a range of its full length. */
export type Network = {
  readonly address: string
  readonly prefixLength: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Where a request comes from, as far as it can be known. */
export type Peer = {
  readonly remoteAddress: string
  /** Whether nobody between could read along. */
  readonly isSecure: boolean
  /** Of its connection to us. */
  readonly tlsVersion?: string
}

/** The client behind a peer: the peer itself, unless it is a trusted proxy. */
export type ProxyTrust = (peer: Peer, headers: HttpHeaders) => Peer

const FULL_LENGTH = { ipv4: 32, ipv6: 128 } as const

/** The range that `10.0.0.0/8`, `fd00::/8` or a single address stands for. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...rest] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || rest.length > 0) return undefined
  if (length === undefined) return { address, family, prefixLength: FULL_LENGTH[family] }
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return prefixLength <= FULL_LENGTH[family] ? { address, family, prefixLength } : undefined
}

/** Trust in the proxies of these networks. */
export function createProxyTrust(networks: readonly Network[]): ProxyTrust {
  if (networks.length === 0) return (peer) => peer
  const trusted = new BlockList()
  for (const { address, prefixLength, family } of networks) {
    trusted.addSubnet(address, prefixLength, family)
  }
  const isTrusted = (address: string): boolean => {
    const family = familyOf(address)
    return family !== undefined && trusted.check(address, family)
  }
  return (peer, headers) => {
    if (!isTrusted(peer.remoteAddress)) return peer
    const claims = [readForwardedFor(headers), readForwarded(headers)].filter(
      (hops) => hops !== undefined,
    )
    const [found, other] = claims.map((hops) => findClient(hops, { peer, isTrusted }))
    if (found === undefined) return peer
    // A proxy writes one of the two headers and lets the other pass as the client sent it.
    return other === undefined || isSame(found, other) ? found : peer
  }
}

/** One step of a request's way: who sent it to the next proxy, and how. */
type Hop = { readonly address: string | undefined; readonly isSecure: boolean | undefined }

type Origin = { readonly peer: Peer; readonly isTrusted: (address: string) => boolean }

/** From the nearest hop on, the first that is no proxy of ours, or the last that is believed. */
function findClient(hops: readonly Hop[], { peer, isTrusted }: Origin): Peer {
  let client = peer
  for (const { address, isSecure } of hops.toReversed()) {
    if (address === undefined) break
    client = { remoteAddress: address, isSecure: isSecure ?? client.isSecure }
    if (!isTrusted(address)) break
  }
  return client
}

function isSame(one: Peer, other: Peer): boolean {
  return one.remoteAddress === other.remoteAddress && one.isSecure === other.isSecure
}

/** `X-Forwarded-For`, with what `X-Forwarded-Proto` says of the same hops. */
function readForwardedFor(headers: HttpHeaders): readonly Hop[] | undefined {
  const addresses = readList(headers, 'x-forwarded-for')
  const schemes = readList(headers, 'x-forwarded-proto')
  if (addresses.length === 0) return undefined
  // Proxies that overwrite the scheme send one for all hops.
  const schemeOf = (at: number): string | undefined =>
    schemes.length === addresses.length ? schemes[at] : schemes.at(-1)
  return addresses.map((address, at) => ({
    address: parseAddress(address),
    isSecure: parseScheme(schemeOf(at)),
  }))
}

function readForwarded(headers: HttpHeaders): readonly Hop[] | undefined {
  const elements = readList(headers, 'forwarded')
  if (elements.length === 0) return undefined
  return elements.map((element) => {
    const pairs = new Map(
      element.split(';').map((pair) => {
        const [name = '', value = ''] = pair.split('=')
        return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')]
      }),
    )
    return {
      address: parseAddress(pairs.get('for') ?? ''),
      isSecure: parseScheme(pairs.get('proto')),
    }
  })
}

function readList(headers: HttpHeaders, name: string): readonly string[] {
  const value = findHeader(headers, name)
  return value === undefined ? [] : value.split(',').map((item) => item.trim())
}

/** Without a port, and without the brackets of IPv6; names and `unknown` are no addresses. */
function parseAddress(text: string): string | undefined {
  const [, six] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? []
  const address = six ?? (isIP(text) === 0 ? text.replace(/:\d+$/, '') : text)
  return isIP(address) === 0 ? undefined : plainAddress(address)
}

/** An address of IPv4 as itself, even where it came through a socket of IPv6. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '')
}

function parseScheme(text: string | undefined): boolean | undefined {
  if (text === undefined || text === '') return undefined
  return text.toLowerCase() === 'https'
}

function familyOf(address: string): Network['family'] | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
