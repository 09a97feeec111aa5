// What exactly was measured.
import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'

/** The commit of the work tree that holds Coffer's main file, and whether something differs. */
export function versionOfCoffer(main: string): string {
  const git = (...given: readonly string[]): string =>
    execFileSync('git', given, { cwd: dirname(main), encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', '..')
    return `commit ${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : ', with changes'}`
  } catch {
    return 'no commit'
  }
}

/** What a Go program says it was built from; else the first line that it says of its version. */
export function versionOfProgram(program: string): string {
  const built = outputOf('go', ['version', '-m', program])
  const [, name, version] = /^\s*mod\s+(\S+)\s+(\S+)/m.exec(built) ?? []
  if (name !== undefined && version !== '(devel)') return `${name} ${version}`
  const [line = ''] = outputOf(program, ['--version']).split('\n')
  return line
}

/** Nothing, where there is no such program or it does not like to be asked. */
function outputOf(program: string, given: readonly string[]): string {
  try {
    return execFileSync(program, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}
