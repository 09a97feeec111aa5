/** rclone and its remotes, which it reads from variables as well as from a file. */
import type { ClientServer } from '../client-server.ts'
import { findSystemProgram } from './system-program.ts'

export function openRclone(): Promise<string> {
  return findSystemProgram('rclone')
}

/** The variables that make `name:` the server. */
export function describeRemote(
  name: string,
  { url, accessKey, secretKey }: Pick<ClientServer, 'url' | 'accessKey' | 'secretKey'>,
): Readonly<Record<string, string>> {
  const settings = {
    type: 's3',
    provider: 'Other',
    endpoint: url,
    access_key_id: accessKey,
    secret_access_key: secretKey,
  }
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `RCLONE_CONFIG_${name}_${key}`.toUpperCase(),
      value,
    ]),
  )
}
