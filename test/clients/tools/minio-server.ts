/** MinIO itself, where somebody has built it: what Coffer's users come from. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { ClientServer } from '../client-server.ts'
import { goProgramPath, type GoProgram } from './go-program.ts'

export type Keyed = Pick<ClientServer, 'url' | 'accessKey' | 'secretKey'>

/** Its last commit. Ten minutes of building, so nobody does it for a test. */
const MINIO: GoProgram = {
  name: 'minio',
  module: 'github.com/minio/minio',
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
}

const KEYS = { accessKey: 'minio-user', secretKey: 'minio-password' }
const START_TIMEOUT_MS = 30_000
const POLL_MS = 100

/** A MinIO that answers until the test has ended; undefined where there is none. */
export async function serveMinio(context: TestContext, folder: string): Promise<Keyed | undefined> {
  const program = goProgramPath(MINIO)
  if (!existsSync(program)) return undefined
  const [address, consoleAddress] = [await findAddress(), await findAddress()]
  const child = spawn(
    program,
    ['server', folder, '--address', address, '--console-address', consoleAddress],
    {
      env: {
        HOME: folder,
        MINIO_ROOT_USER: KEYS.accessKey,
        MINIO_ROOT_PASSWORD: KEYS.secretKey,
      },
      stdio: 'ignore',
    },
  )
  context.after(async () => {
    child.kill()
    await once(child, 'close')
  })
  const url = `http://${address}`
  await untilReady(url)
  return { url, ...KEYS }
}

/** MinIO wants to be told its port. */
async function findAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('It listens nowhere.')
  return `127.0.0.1:${address.port}`
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/minio/health/cluster`).catch(() => undefined)
    if (answer?.status === 200) return
    await sleep(POLL_MS)
  }
  throw new Error(`MinIO did not answer within ${START_TIMEOUT_MS} ms.`)
}
