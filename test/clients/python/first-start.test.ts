/** The first start: the lines that it shows work as they are pasted, with awscli and boto3. */
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../app/coffer-process.ts'
import { hasTerminal, serveOnTerminal } from '../../app/terminal.ts'
import { findClient } from '../find-client.ts'
import { openPythonEnvironment } from '../python-environment.ts'
import { runProgram } from '../run-program.ts'

test('the lines that a first start shows work as they are pasted', async (context) => {
  const clients = await findClient(context, { name: 'awscli, boto3 or `script`', open: openBoth })
  if (clients === undefined) return
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const coffer = await serveOnTerminal(`${folder}/store`)
  const [shell, snippet] = pasteLines(coffer.welcome)
  const PATH = `${dirname(clients.aws)}:${process.env['PATH']}`
  const options = { folder, environment: { PATH } }
  assert.match(await runProgram(['bash', '-ec', shell], options), /make_bucket: models/)
  const list = `${snippet}\nprint([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])`
  assert.equal(await runProgram([clients.boto3, '-c', list], options), "['models']\n")
  await coffer.interrupt()
})

async function openBoth(): Promise<{ readonly aws: string; readonly boto3: string }> {
  assert.ok(hasTerminal(), 'the command `script` makes a terminal')
  const aws = await openPythonEnvironment('awscli')
  return { aws, boto3: await openPythonEnvironment('boto3') }
}

/** The indented lines of the welcome: first those for a shell, then those for Python. */
function pasteLines(welcome: string): readonly [shell: string, python: string] {
  const lines = welcome.split('\r\n').filter((line) => line.startsWith('  '))
  const pasted = lines.map((line) => line.slice(2))
  const at = pasted.indexOf('import boto3')
  return [pasted.slice(0, at).join('\n'), pasted.slice(at).join('\n')]
}
