import { createServer } from 'node:net'

/**
 * Nobody listens at the address. Servers that share a port would otherwise share it with any other
 * program of the same user that shares it too.
 * @throws the system's error, e.g. with code `EADDRINUSE` or `EACCES`
 */
export async function assertFree(address: {
  readonly host: string
  readonly port: number
}): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...address }, resolve)
  })
  await new Promise((resolve) => {
    server.close(resolve)
  })
}
