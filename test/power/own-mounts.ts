// The run has a mount namespace of its own: nobody else sees its volumes or keeps them busy, two
// runs do not meet, and the kernel takes away what is left when the run's last process has ended.
import { execFileSync } from 'node:child_process'

const MARK = 'POWER_OWN_MOUNTS'
const ENV = '/usr/bin/env'

/** Continues in the namespace: the program starts anew in it, with the same arguments. */
export function enterOwnMounts(): void {
  if (process.env[MARK] === 'yes') {
    // What is unmounted here is unmounted in the namespaces of servers too, see bootAnew.
    execFileSync('mount', ['--make-rshared', '/'])
    return
  }
  const own = ['unshare', '--mount', '--propagation', 'private']
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(ENV, ['env', ...own, ...again], { ...process.env, [MARK]: 'yes' })
}
