/** The image needs an engine to be tried; this is what a slip in its Dockerfile would break. */
import assert from 'node:assert/strict'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfiguration } from '../../src/app/config.ts'
import { runCoffer } from './coffer-process.ts'

const ROOT = join(import.meta.dirname, '../..')
const dockerfile = readFileSync(join(ROOT, 'deploy/container/Dockerfile'), 'utf8')
const instructions = dockerfile
  .replaceAll('\\\n', '')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))

function argumentsOf(name: string): readonly string[] {
  const found = instructions.filter((line) => line.startsWith(`${name} `))
  return found.map((line) => line.slice(name.length + 1).trim())
}

test('what the image sets is known to Coffer', () => {
  const variables = argumentsOf('ENV').flatMap((line) => line.split(/\s+/))
  const environment = Object.fromEntries(variables.map((text) => text.split('=', 2)))
  const { folder, listen } = readConfiguration({}, environment)
  assert.deepEqual([folder], argumentsOf('VOLUME'))
  assert.deepEqual([String(listen.port)], argumentsOf('EXPOSE'))
  assert.equal(listen.host, '0.0.0.0')
})

test('what the image copies is there, and nothing else is sent to be built', () => {
  const copied = argumentsOf('COPY')
    .filter((line) => !line.startsWith('--from'))
    .flatMap((line) =>
      line
        .split(/\s+/)
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1),
    )
  const sent = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')
  for (const path of copied) {
    assert.ok(existsSync(join(ROOT, path)), path)
    assert.ok(sent.includes(`!${path}`), `${path} is not in .dockerignore`)
  }
  assert.equal(sent.filter((line) => line.startsWith('!')).length, new Set(copied).size)
})

test('the image runs as nobody special, and its commands are there', async () => {
  assert.deepEqual(argumentsOf('USER'), ['1000:1000'])
  const [check = ''] = argumentsOf('HEALTHCHECK')
  for (const words of [/CMD (.*)/.exec(check)?.[1] ?? '', ...argumentsOf('CMD')]) {
    const command: readonly string[] = JSON.parse(words)
    const given = command.filter((word) => word !== 'coffer')
    assert.equal((await runCoffer([...given, '--help'])).exitCode, 0)
  }
  accessSync(join(ROOT, 'deploy/container/mc.sh'), constants.X_OK)
})
