/** A client that is a Python package: its tests are modules for Python's unittest. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveClients } from '../client-server.ts'
import { findClient } from '../find-client.ts'
import { openInputs } from '../inputs.ts'
import { openPythonEnvironment } from '../python-environment.ts'
import { endProgram } from '../run-program.ts'

export type PythonClient = {
  /** Of `requirements/<environment>.txt`. */
  readonly environment: string
  /** Files beside this one, without `.py`. */
  readonly modules: readonly string[]
}

/** All tests of the modules hold, against a server of its own. */
export async function testPythonClient(
  title: string,
  { environment: name, modules }: PythonClient,
): Promise<void> {
  const server = await serveClients()
  test(title, async (context) => {
    const open = (): Promise<string> => openPythonEnvironment(name)
    const python = await findClient(context, { name, open })
    if (python === undefined) return
    const environment = {
      ...server.environment,
      INPUTS: await openInputs(),
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: import.meta.dirname,
    }
    const { exitCode, stdout, stderr } = await endProgram(
      [python, '-m', 'unittest', '-v', ...modules],
      { environment, folder: server.folder },
    )
    assert.equal(exitCode, 0, `${stdout}${stderr}`)
    const ran = /^Ran [1-9]\d* tests? in .+$/m.exec(stderr)?.[0]
    assert.ok(ran !== undefined, `No test ran: ${stdout}${stderr}`)
    context.diagnostic(`${name}: ${ran}`)
  })
}
