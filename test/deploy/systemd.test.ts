/** The unit is what systemd takes, and what it starts is what Coffer has. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readConfiguration } from '../../src/app/config.ts'
import { runCoffer, temporaryFolder } from '../app/coffer-process.ts'

const unit = readFileSync(join(import.meta.dirname, '../../deploy/systemd/coffer.service'), 'utf8')
const PROGRAM = '/usr/local/bin/coffer'
/** Of ten; below two, `systemd-analyze security` is content. */
const EXPOSURE_MAX = 1.5

const noSystemd =
  spawnSync('systemd-analyze', ['--version']).error === undefined
    ? false
    : 'systemd-analyze is not here'

function valuesOf(name: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

/** The unit, with a program that is there: Coffer may not be installed. */
async function installedUnit(context: TestContext): Promise<string> {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const path = join(folder, 'coffer.service')
  await writeFile(path, unit.replaceAll(PROGRAM, process.execPath))
  return path
}

test('systemd finds nothing wrong with the unit', { skip: noSystemd }, async (context) => {
  const path = await installedUnit(context)
  const end = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
  assert.equal(end.stderr, '')
  assert.equal(end.status, 0)
})

test('the service can reach little of the machine', { skip: noSystemd }, async (context) => {
  const path = await installedUnit(context)
  const threshold = `--threshold=${EXPOSURE_MAX * 10}`
  const given = ['security', '--offline=true', '--no-pager', threshold, path]
  const end = spawnSync('systemd-analyze', given, { encoding: 'utf8' })
  assert.equal(end.status, 0, end.stdout + end.stderr)
  assert.match(end.stdout, /Overall exposure level for coffer\.service: 1\./)
})

test('what the unit sets is known to Coffer, and a stop has its time', () => {
  const set: Readonly<Record<string, string>> = Object.fromEntries(
    valuesOf('Environment').map((text) => text.split('=', 2)),
  )
  const { COFFER_ROOT_PASSWORD_FILE: password, ...environment } = set
  assert.equal(password, `%d/${valuesOf('LoadCredential')[0]?.split(':')[0]}`)
  const { folder, stopTimeoutSeconds } = readConfiguration(
    {},
    { ...environment, COFFER_ROOT_PASSWORD: 'from-the-credential' },
  )
  assert.equal(folder, `/var/lib/${valuesOf('StateDirectory')[0]}`)
  assert.ok(Number(valuesOf('TimeoutStopSec')[0]) >= stopTimeoutSeconds + 10)
})

test('what the unit starts are commands of Coffer', async () => {
  const commands = [...valuesOf('ExecStart'), ...valuesOf('ExecStartPost')]
  assert.equal(commands.length, 2)
  for (const command of commands) {
    const [program, ...given] = command.split(' ')
    assert.equal(program, PROGRAM)
    assert.equal((await runCoffer([...given, '--help'])).exitCode, 0, command)
  }
})
