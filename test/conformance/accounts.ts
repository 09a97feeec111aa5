/**
 * The accounts that the suite works with, as Coffer and as the suite are told of them. Every worker
 * of a run has its own, since tests expect to be alone: one lists all buckets of its account.
 */
import { createHash } from 'node:crypto'

type SuiteAccount = {
  /** Of the suite's configuration. */
  readonly section: string
  readonly id: string
  readonly displayName: string
  readonly email: string
}

const SECTIONS = ['s3 main', 's3 alt', 's3 tenant', 'iam', 'iam root', 'iam alt root']

const FIRST_ID = 100_000_000_000

function accountsOf(worker: number): readonly SuiteAccount[] {
  return SECTIONS.map((section, index) => ({
    section,
    id: String(FIRST_ID + worker * SECTIONS.length + index),
    displayName: `${section} ${worker}`,
    email: `${section.replaceAll(' ', '-')}-${worker}@example.com`,
  }))
}

function canonicalIdOf({ id }: SuiteAccount): string {
  return createHash('sha256').update(id).digest('hex')
}

function keysOf({ id }: SuiteAccount): { readonly accessKey: string; readonly secretKey: string } {
  return { accessKey: `ACCESS${id}`, secretKey: `secret-of-${id}` }
}

/** The file that COFFER_IDENTITIES names. @see docs/access.md */
export function renderIdentities({ workers }: { readonly workers: number }): string {
  const all = Array.from({ length: workers }, (_, worker) => accountsOf(worker)).flat()
  const accounts = all.map((one) => ({
    id: one.id,
    displayName: one.displayName,
    canonicalId: canonicalIdOf(one),
    email: one.email,
    keys: [keysOf(one)],
  }))
  return JSON.stringify({ accounts })
}

/** The suite's configuration for one worker: an INI file. */
export function renderSuiteConfiguration(worker: number, url: string): string {
  const { hostname, port, protocol } = new URL(url)
  const server = { host: hostname, port, is_secure: protocol === 'https:', ssl_verify: false }
  return [
    renderSection('DEFAULT', server),
    renderSection('fixtures', { 'bucket prefix': 'coffer-{random}-' }),
    ...accountsOf(worker).map((one) => renderSection(one.section, settingsOf(one))),
  ].join('\n')
}

type IniSettings = Readonly<Record<string, string | boolean>>

function settingsOf(one: SuiteAccount): IniSettings {
  const { accessKey, secretKey } = keysOf(one)
  return {
    display_name: one.displayName,
    user_id: canonicalIdOf(one),
    email: one.email,
    // The location that a bucket is created in, and must name.
    api_name: 'eu-central-1',
    access_key: accessKey,
    secret_key: secretKey,
    ...(one.section === 's3 tenant' && { tenant: '' }),
  }
}

function renderSection(name: string, settings: IniSettings): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`)
  return [`[${name}]`, ...lines, ''].join('\n')
}
