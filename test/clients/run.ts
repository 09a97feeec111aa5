/**
 * `npm run test:clients`: every `<kind>/<client>.test.ts`, two at a time; `-- boto3 rclone` runs
 * those two. With ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set, the same tests run
 * against any other S3 server.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { openInputs } from './inputs.ts'
import { openPythonEnvironment } from './python-environment.ts'
import { MC, openGoProgram } from './tools/go-program.ts'

const AT_ONCE = 2

const wanted = process.argv.slice(2)
const known = globSync('*/*.test.ts', { cwd: import.meta.dirname }).toSorted()
const unknown = wanted.filter((name) => !known.some((file) => nameOf(file) === name))
if (unknown.length > 0) {
  throw new Error(
    `No client is called ${unknown.join(' or ')}; ${known.map(nameOf).join(', ')} are.`,
  )
}
const files = known.filter((file) => wanted.length === 0 || wanted.includes(nameOf(file)))

await timed('installs', () => install(files))
await timed('inputs', openInputs)

const results = run({ cwd: import.meta.dirname, files, concurrency: AT_ONCE })
results.on('test:summary', ({ file, duration_ms: duration, success }) => {
  if (file === undefined && !success) process.exitCode = 1
  if (file !== undefined) sayTime(nameOf(file), duration)
})
results.compose(spec).pipe(process.stdout)

function nameOf(file: string): string {
  return basename(file, '.test.ts')
}

/**
 * Every Python environment that a test names, and mc: two must not make one at once. What fails
 * here fails again in its test.
 */
async function install(tests: readonly string[]): Promise<void> {
  const texts = tests.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  const names = globSync('requirements/*.txt', { cwd: import.meta.dirname })
    .map((file) => basename(file, '.txt'))
    .filter((name) => texts.some((text) => text.includes(`'${name}'`)))
  for (const name of names) await openPythonEnvironment(name).catch(() => undefined)
  if (texts.some((text) => text.includes('openGoProgram(MC)'))) {
    await openGoProgram(MC).catch(() => undefined)
  }
}

async function timed(what: string, step: () => Promise<unknown>): Promise<void> {
  const begin = performance.now()
  await step()
  sayTime(what, performance.now() - begin)
}

function sayTime(what: string, durationMs: number): void {
  process.stderr.write(`${(durationMs / 1000).toFixed(1).padStart(7)} s  ${what}\n`)
}
