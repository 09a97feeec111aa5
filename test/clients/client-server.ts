/**
 * The server that the clients of one test file talk to. With ENDPOINT, AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY set it is any other S3 server, so that the tests are tested.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { ROOT_KEYS, serveCoffer } from '../app/coffer-process.ts'

export type ClientServer = {
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  /** The same three as programs find them: ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY. */
  readonly environment: Readonly<Record<string, string>>
  /** For what the clients write. It is empty now and gone at the end. */
  readonly folder: string
}

/** A server that answers until the tests of this file have ended. */
export async function serveClients(): Promise<ClientServer> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-clients-'))
  after(() => rm(folder, { recursive: true, force: true }))
  const { ENDPOINT, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env
  const server =
    ENDPOINT === undefined
      ? await serveOwn(join(folder, 'store'))
      : { url: ENDPOINT, accessKey: AWS_ACCESS_KEY_ID, secretKey: AWS_SECRET_ACCESS_KEY }
  const environment = {
    ENDPOINT: server.url,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
  }
  return { ...server, environment, folder }
}

async function serveOwn(
  folder: string,
): Promise<Pick<ClientServer, 'url' | 'accessKey' | 'secretKey'>> {
  const coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0', '--log-level', 'warn'])
  after(async () => {
    const { exitCode, stderr } = await coffer.stop()
    assert.equal(exitCode, 0, stderr)
  })
  return {
    url: coffer.url,
    accessKey: ROOT_KEYS.COFFER_ROOT_USER,
    secretKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
  }
}
