/** `coffer ready --wait`: what a service waits for after its start. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ROOT_KEYS, runCoffer, temporaryFolder } from '../app/coffer-process.ts'
import { serve } from '../app/serving.ts'

/** As a server leaves it that was killed: nobody answers at port 1. */
async function killedFolder(context: TestContext): Promise<string> {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  await writeFile(join(folder, 'address'), 'http://127.0.0.1:1\n')
  return folder
}

test('ready waits until the server answers', async (context) => {
  const folder = await killedFolder(context)
  const waiting = runCoffer(['ready', '--wait', '30s', '--folder', folder])
  await serve(context, { folder })
  const end = await waiting
  assert.equal(end.exitCode, 0, end.stderr)
})

test('ready gives up when its time is over, and at once without a time', async (context) => {
  const folder = await killedFolder(context)
  for (const [wait, tookMs] of [
    [['--wait', '1'], 1000],
    [[], 0],
  ] as const) {
    const startedMs = performance.now()
    const end = await runCoffer(['ready', ...wait, '--folder', folder], { environment: ROOT_KEYS })
    assert.equal(end.exitCode, 1)
    assert.match(end.stderr, /No server is ready at http:\/\/127\.0\.0\.1:1\./)
    assert.ok(performance.now() - startedMs >= tookMs)
  }
  const wrong = await runCoffer(['ready', '--wait', 'long', '--folder', folder])
  assert.equal(wrong.exitCode, 2)
  assert.match(wrong.stderr, /--wait is "long", which is no time/)
})
