/** The accounts that the suite works with, as Coffer and as the suite are told of them. */
import { createHash } from 'node:crypto'

type SuiteAccount = {
  /** Of the suite's configuration. */
  readonly section: string
  readonly id: string
  readonly displayName: string
  readonly email: string
}

const ACCOUNTS: readonly SuiteAccount[] = [
  account('s3 main', '100000000001', 'Main'),
  account('s3 alt', '100000000002', 'Alternate'),
  account('s3 tenant', '100000000003', 'Tenant'),
  account('iam', '100000000004', 'Identities'),
  account('iam root', '100000000005', 'Root'),
  account('iam alt root', '100000000006', 'Alternate root'),
]

function account(section: string, id: string, displayName: string): SuiteAccount {
  return { section, id, displayName, email: `${section.replaceAll(' ', '-')}@example.com` }
}

function canonicalIdOf({ id }: SuiteAccount): string {
  return createHash('sha256').update(id).digest('hex')
}

function keysOf({ id }: SuiteAccount): { readonly accessKey: string; readonly secretKey: string } {
  return { accessKey: `ACCESS${id}`, secretKey: `secret-of-${id}` }
}

/** The file that COFFER_IDENTITIES names. @see docs/access.md */
export function renderIdentities(): string {
  const accounts = ACCOUNTS.map((one) => ({
    id: one.id,
    displayName: one.displayName,
    canonicalId: canonicalIdOf(one),
    email: one.email,
    keys: [keysOf(one)],
  }))
  return JSON.stringify({ accounts })
}

/** The suite's configuration: an INI file. */
export function renderSuiteConfiguration(url: string): string {
  const { hostname, port, protocol } = new URL(url)
  const server = { host: hostname, port, is_secure: protocol === 'https:', ssl_verify: false }
  return [
    renderSection('DEFAULT', server),
    renderSection('fixtures', { 'bucket prefix': 'coffer-{random}-' }),
    ...ACCOUNTS.map((one) => renderSection(one.section, settingsOf(one))),
  ].join('\n')
}

type IniSettings = Readonly<Record<string, string | boolean>>

function settingsOf(one: SuiteAccount): IniSettings {
  const { accessKey, secretKey } = keysOf(one)
  return {
    display_name: one.displayName,
    user_id: canonicalIdOf(one),
    email: one.email,
    api_name: '',
    access_key: accessKey,
    secret_key: secretKey,
    ...(one.section === 's3 tenant' && { tenant: '' }),
  }
}

function renderSection(name: string, settings: IniSettings): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`)
  return [`[${name}]`, ...lines, ''].join('\n')
}
