import assert from 'node:assert/strict'
import test from 'node:test'
import type { HttpHeaders } from '../request.ts'
import { createProxyTrust, type Network, parseNetwork } from './proxy-trust.ts'

function networks(...texts: readonly string[]): readonly Network[] {
  return texts.map((text) => parseNetwork(text) ?? assert.fail(text))
}

const trust = createProxyTrust(networks('10.0.0.0/8', 'fd00::/8', '192.0.2.1'))

function clientOf(remoteAddress: string, sent: Readonly<Record<string, string>>): string {
  const entries = Object.entries(sent).map(([name, value]) => [name, [value]])
  const headers: HttpHeaders = Object.fromEntries(entries)
  const client = trust({ remoteAddress, isSecure: false }, headers)
  return `${client.isSecure ? 'https' : 'http'} ${client.remoteAddress}`
}

test('nobody is believed who was not named', () => {
  const sent = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' }
  assert.equal(clientOf('8.8.8.8', sent), 'http 8.8.8.8')
  assert.equal(clientOf('192.0.2.2', sent), 'http 192.0.2.2')
  assert.equal(clientOf('192.0.2.1', sent), 'https 1.2.3.4')
  const nobody = createProxyTrust([])
  const peer = { remoteAddress: '10.0.0.1', isSecure: false }
  assert.equal(nobody(peer, { 'x-forwarded-for': ['1.2.3.4'] }), peer)
})

const via = (list: string): string => clientOf('10.0.0.1', { 'x-forwarded-for': list })

const viaScheme = (addresses: string, schemes: string): string =>
  clientOf('10.0.0.1', { 'x-forwarded-for': addresses, 'x-forwarded-proto': schemes })

const viaForwarded = (forwarded: string): string => clientOf('fd00::1', { forwarded })

test('the client is the nearest hop that is no trusted proxy, whatever stands before it', () => {
  assert.equal(via('1.2.3.4'), 'http 1.2.3.4')
  assert.equal(via('6.6.6.6, 1.2.3.4, 10.0.0.2'), 'http 1.2.3.4')
  assert.equal(via('10.0.0.3, 10.0.0.2'), 'http 10.0.0.3')
  assert.equal(via('2001:db8::7, fd00::2'), 'http 2001:db8::7')
})

test('ports and brackets are left out; what is no address ends the way', () => {
  assert.equal(via('1.2.3.4:5555'), 'http 1.2.3.4')
  assert.equal(via('[2001:db8::7]:443'), 'http 2001:db8::7')
  assert.equal(via('::ffff:1.2.3.4, ::FFFF:10.0.0.2'), 'http 1.2.3.4')
  assert.equal(via('1.2.3.4, unknown, 10.0.0.2'), 'http 10.0.0.2')
  assert.equal(via('nonsense'), 'http 10.0.0.1')
})

test('the scheme is that of the hop, or the one that is said for all', () => {
  assert.equal(viaScheme('1.2.3.4', 'https'), 'https 1.2.3.4')
  assert.equal(viaScheme('1.2.3.4, 10.0.0.2', 'https'), 'https 1.2.3.4')
  assert.equal(viaScheme('1.2.3.4, 10.0.0.2', 'https, http'), 'https 1.2.3.4')
  assert.equal(viaScheme('1.2.3.4, 10.0.0.2', 'http, https'), 'http 1.2.3.4')
  assert.equal(viaScheme('6.6.6.6, 1.2.3.4', 'https, http'), 'http 1.2.3.4')
})

test('the standard header says the same, and counts by itself', () => {
  assert.equal(viaForwarded('for=1.2.3.4;proto=https;by=10.0.0.1'), 'https 1.2.3.4')
  assert.equal(viaForwarded('For="[2001:db8::7]:4711", for=10.0.0.2'), 'http 2001:db8::7')
  assert.equal(viaForwarded('for=_hidden'), 'http fd00::1')
})

test('two headers that contradict each other are both not believed', () => {
  const sent = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' }
  const other = { ...sent, forwarded: 'for=6.6.6.6;proto=https' }
  assert.equal(clientOf('10.0.0.1', other), 'http 10.0.0.1')
  const same = { ...sent, forwarded: 'for=1.2.3.4;proto=https' }
  assert.equal(clientOf('10.0.0.1', same), 'https 1.2.3.4')
})

test('a network is an address with a length that its family has', () => {
  for (const text of [
    '',
    'host',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fd00::/129',
    '10/8',
  ]) {
    assert.equal(parseNetwork(text), undefined, text)
  }
  assert.deepEqual(parseNetwork('::1'), { address: '::1', prefixLength: 128, family: 'ipv6' })
})
