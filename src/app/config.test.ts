import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { ConfigurationError, listUnreadVariables, readConfiguration } from './config.ts'
import { SETTINGS } from './settings/settings.ts'
import { renderConfigurationPage } from './configuration-page.ts'

function refusalOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.message
  }
  return assert.fail('nothing was refused')
}

test('without arguments and variables, the defaults hold', () => {
  const configuration = readConfiguration({}, { PATH: '/bin' })
  assert.equal(configuration.folder, resolve('coffer-data'))
  assert.deepEqual(configuration.listen, { host: '127.0.0.1', port: 9000 })
  assert.equal(configuration.store, 'disk')
  assert.equal(configuration.rootUser, undefined)
})

test('an argument goes before a variable, and a variable before MinIO’s name for it', () => {
  const environment = {
    COFFER_LISTEN: '127.0.0.1:1',
    COFFER_ROOT_USER: 'coffer-user',
    MINIO_ROOT_USER: 'minio-user',
    MINIO_ROOT_PASSWORD: 'minio-password',
  }
  const configuration = readConfiguration({ listen: '[::1]:2' }, environment)
  assert.deepEqual(configuration.listen, { host: '::1', port: 2 })
  assert.equal(configuration.rootUser, 'coffer-user')
  assert.equal(configuration.rootPassword, 'minio-password')
})

test('a secret may stand in a file, and a name of MinIO’s without a text is not set', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-test-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'password')
  writeFileSync(path, 'a long password\n')
  const environment = {
    MINIO_ROOT_USER: 'minio-user',
    MINIO_ROOT_PASSWORD_FILE: path,
    MINIO_SITE_REGION: '',
  }
  const { rootUser, rootPassword, region } = readConfiguration({}, environment)
  assert.deepEqual([rootUser, rootPassword, region], ['minio-user', 'a long password', undefined])
  const missing = { COFFER_ROOT_USER: 'user', COFFER_ROOT_PASSWORD_FILE: join(folder, 'none') }
  const message = refusalOf(() => readConfiguration({}, missing))
  assert.match(message, /^COFFER_ROOT_PASSWORD_FILE is ".*none", which cannot be read\.$/)
})

test('what MinIO would read and Coffer does not is told by name', () => {
  const environment = { MINIO_BROWSER: 'off', MINIO_ROOT_USER_FILE: 'user', MINIO_ADDRESS: ':9000' }
  assert.deepEqual(listUnreadVariables(['MINIO_ADDRESS'], environment), ['MINIO_BROWSER'])
})

test('an unknown COFFER_ variable is refused with its name and the known ones', () => {
  const message = refusalOf(() => readConfiguration({}, { COFFER_LISTN: '127.0.0.1:1' }))
  assert.match(message, /COFFER_LISTN is not a setting.*COFFER_LISTEN/)
})

test('a value that is not one is refused with its name and what to give', () => {
  for (const [environment, expected] of [
    [{ COFFER_LISTEN: '9000' }, /COFFER_LISTEN is "9000".*127\.0\.0\.1:9000/],
    [{ COFFER_LISTEN: '127.0.0.1:65536' }, /not host:port/],
    [{ COFFER_LISTEN: '::1:9000' }, /not host:port/],
    [{ COFFER_STORE: 'tape' }, /COFFER_STORE is "tape".*disk, memory/],
    [{ COFFER_RESERVE_BYTES: '-1' }, /whole number/],
    [{ COFFER_RESERVE_BYTES: '1e9' }, /whole number/],
    [{ COFFER_REGION: '' }, /COFFER_REGION is ""/],
  ] as const) {
    assert.match(
      refusalOf(() => readConfiguration({}, environment)),
      expected,
    )
  }
})

test('root keys come in pairs', () => {
  const message = refusalOf(() => readConfiguration({}, { COFFER_ROOT_USER: 'only-user' }))
  assert.match(message, /COFFER_ROOT_PASSWORD is missing/)
})

test('metrics are told to nobody by default, and beside S3 only for a token', () => {
  assert.equal(readConfiguration({}, {}).metrics, 'off')
  const path = '/coffer/metrics'
  const message = refusalOf(() => readConfiguration({}, { COFFER_METRICS: path }))
  assert.match(message, /COFFER_METRICS_TOKEN is missing.*COFFER_METRICS=127\.0\.0\.1:9001/)
  const metricsToken = 'sixteen letters!'
  const environment = { COFFER_METRICS: path, COFFER_METRICS_TOKEN: metricsToken }
  assert.equal(readConfiguration({}, environment).metrics, path)
})

test('a secret that is refused is not repeated', () => {
  const environment = { COFFER_ROOT_USER: 'somebody', COFFER_ROOT_PASSWORD: 'short' }
  const message = refusalOf(() => readConfiguration({}, environment))
  assert.match(message, /COFFER_ROOT_PASSWORD/)
  assert.doesNotMatch(message, /short/)
})

test('the page names every setting with its default', () => {
  const page = renderConfigurationPage()
  for (const { variable, fallback } of Object.values(SETTINGS)) {
    assert.match(page, new RegExp(`## ${variable}\n`))
    assert.ok(fallback === undefined || page.includes(`Default: \`${fallback}\``), variable)
  }
})
