import { homedir } from 'node:os'
import { join } from 'node:path'

/** What is downloaded or made once and used by many runs, outside the repository. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'coffer-clients')
}
