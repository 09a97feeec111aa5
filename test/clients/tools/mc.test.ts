/**
 * mc: files of every size copied both ways, parts and Chinese names included; `mirror --overwrite
 * --remove` twice, where the second moves nothing, and into a bucket with versions, where `ls
 * --versions`, `cat --version-id` and `undo` find what was replaced; `stat`, `du`, `find`, `tag`,
 * `diff`; links that `share download` makes; `anonymous`; retention and legal holds that hold;
 * `ready`, `rb --force`.
 */
import assert from 'node:assert/strict'
import { appendFile, cp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveClients } from '../client-server.ts'
import { openInputs } from '../inputs.ts'
import { readBucket, readFolder } from './contents.ts'
import { MC, openGoProgram } from './go-program.ts'
import { newBucketName } from './new-bucket-name.ts'
import { createToolTest, type CommandLine } from './tool-test.ts'

const server = await serveClients()
const { protocol, host } = new URL(server.url)
const testMc = createToolTest({
  name: 'mc',
  open: () => openGoProgram(MC),
  given: ['--json'],
  environment: {
    MC_HOST_coffer: `${protocol}//${server.accessKey}:${server.secretKey}@${host}`,
  },
  folder: server.folder,
})

testMc('mc: what is copied to a bucket and back is the same', async (mc) => {
  const [files, bucket] = [join(await openInputs(), 'files'), newBucketName('mc')]
  const expected = await readFolder(files)
  await mc('ready', 'coffer')
  await mc('mb', `coffer/${bucket}`)
  await mc('cp', '--recursive', `${files}/`, `coffer/${bucket}/f/`)
  assert.deepEqual(await readBucket(server, { bucket, prefix: 'f/' }), expected)

  const back = join(server.folder, 'back')
  await mc('cp', '--recursive', `coffer/${bucket}/f/`, `${back}/`)
  assert.deepEqual(await readFolder(back), expected)
  const text = await readFile(join(files, '说明.md'), 'utf8')
  assert.equal(await mc('cat', `coffer/${bucket}/f/说明.md`), text)

  const [found] = parseLines(await mc('stat', `coffer/${bucket}/f/20-mib.bin`))
  assert.equal(found?.['size'], (await stat(join(files, '20-mib.bin'))).size)
  assert.match(String(found?.['etag']), /^[0-9a-f]{32}-2$/)

  await mc('rb', '--force', `coffer/${bucket}`)
  await assert.rejects(mc('ls', `coffer/${bucket}`), /does not exist/)
})

testMc('mc: a second mirror moves nothing, and the bucket follows the folder', async (mc) => {
  const [digits, bucket] = [join(server.folder, 'digits'), newBucketName('mc')]
  for (const digit of ['0', '3', '7']) {
    // Times in lists are whole seconds: a file that is not older than its object goes again.
    const options = { recursive: true, preserveTimestamps: true }
    await cp(join(await openInputs(), 'digits', digit), join(digits, digit), options)
  }
  const mirror = async (): Promise<unknown> => {
    const lines = await mc('mirror', '--overwrite', '--remove', digits, `coffer/${bucket}`)
    return parseLines(lines).at(-1)?.['transferred']
  }
  await mc('mb', `coffer/${bucket}`)
  assert.ok(Number(await mirror()) > 0)
  assert.equal(await mirror(), 0)
  assert.equal(await mc('diff', digits, `coffer/${bucket}`), '')
  assert.deepEqual(await readBucket(server, { bucket }), await readFolder(digits))

  await rm(join(digits, '3'), { recursive: true })
  await writeFile(join(digits, '说明.md'), '少了三。\n')
  await appendFile(join(digits, '0/0000.png'), 'changed')
  await mirror()
  const expected = await readFolder(digits)
  assert.deepEqual(await readBucket(server, { bucket }), expected)

  const [usage] = parseLines(await mc('du', `coffer/${bucket}`))
  assert.equal(usage?.['objects'], Object.keys(expected).length)
  const images = parseLines(await mc('find', `coffer/${bucket}/7`, '--name', '*.png'))
  assert.equal(images.length, Object.keys(expected).filter((path) => path.startsWith('7/')).length)
})

testMc('mc: a mirror into a bucket with versions keeps what it replaces', async (mc) => {
  const [folder, bucket] = [join(server.folder, 'model'), newBucketName('mc')]
  const target = `coffer/${bucket}/model/weights.bin`
  const mirror = (): Promise<string> =>
    mc('mirror', '--overwrite', '--remove', folder, `coffer/${bucket}/model`)
  await cp(join(await openInputs(), 'models'), folder, { recursive: true })
  await mc('mb', `coffer/${bucket}`)
  await mc('version', 'enable', `coffer/${bucket}`)
  await writeFile(join(folder, 'weights.bin'), 'first')
  await mirror()
  await writeFile(join(folder, 'weights.bin'), 'second one')
  await mirror()
  await rm(join(folder, 'weights.bin'))
  await mirror()

  const versions = parseLines(await mc('ls', '--versions', target))
  assert.deepEqual(
    versions.map(({ size }) => size),
    [0, 'second one'.length, 'first'.length],
  )
  assert.equal(versions[0]?.['isDeleteMarker'], true)
  const oldest = String(versions[2]?.['versionId'])
  assert.equal(await mc('cat', '--version-id', oldest, target), 'first')

  await mc('undo', '--last', '1', '--force', target)
  assert.equal(await mc('cat', target), 'second one')
})

testMc('mc: tags are kept, and a shared link needs no keys', async (mc) => {
  const [source, bucket] = [join(await openInputs(), 'files/digits.parquet'), newBucketName('mc')]
  const target = `coffer/${bucket}/数据/digits.parquet`
  await mc('mb', `coffer/${bucket}`)
  await mc('cp', source, target)
  await mc('tag', 'set', target, 'stage=review&owner=vision')
  const [tags] = parseLines(await mc('tag', 'list', target))
  assert.deepEqual(tags?.['tagset'], { owner: 'vision', stage: 'review' })

  const [{ share = '' } = {}] = parseLines(await mc('share', 'download', '--expire=5m', target))
  const answer = await fetch(String(share))
  assert.equal(answer.status, 200)
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(await readFile(source)))
  const unsigned = new URL(String(share))
  unsigned.search = ''
  assert.equal((await fetch(unsigned)).status, 403)
})

testMc('mc: a bucket is public for as long as it is set so', async (mc) => {
  const bucket = newBucketName('mc')
  const [source, address] = [join(server.folder, 'page.html'), `${server.url}/${bucket}/page.html`]
  await writeFile(source, '<h1>公开</h1>')
  await mc('mb', `coffer/${bucket}`)
  await mc('tag', 'set', `coffer/${bucket}`, 'team=vision')
  const [tags] = parseLines(await mc('tag', 'list', `coffer/${bucket}`))
  assert.deepEqual(tags?.['tagset'], { team: 'vision' })
  await mc('cp', source, `coffer/${bucket}/page.html`)
  assert.equal((await fetch(address)).status, 403)

  await mc('anonymous', 'set', 'download', `coffer/${bucket}`)
  assert.equal(await readPermission(mc, bucket), 'download')
  assert.equal(await (await fetch(address)).text(), '<h1>公开</h1>')
  assert.equal((await fetch(address, { method: 'PUT', body: 'mine' })).status, 403)
  await mc('anonymous', 'set', 'none', `coffer/${bucket}`)
  assert.equal(await readPermission(mc, bucket), 'private')
  assert.equal((await fetch(address)).status, 403)
})

testMc('mc: retention and legal holds hold', async (mc) => {
  const bucket = newBucketName('mc')
  const target = `coffer/${bucket}/report.pdf`
  const source = join(server.folder, 'report.pdf')
  await writeFile(source, 'signed')
  await mc('mb', '--with-lock', `coffer/${bucket}`)
  await mc('cp', source, target)
  await mc('retention', 'set', 'governance', '1d', target)
  await mc('legalhold', 'set', target)
  const [retention] = parseLines(await mc('retention', 'info', target))
  assert.equal(retention?.['mode'], 'GOVERNANCE')

  const remove = ['rm', '--versions', '--force', target] as const
  await assert.rejects(mc(...remove), /lock|WORM/i)
  await assert.rejects(mc(...remove, '--bypass'), /lock|WORM/i)
  await mc('legalhold', 'clear', target)
  await assert.rejects(mc(...remove), /lock|WORM/i)
  assert.equal(await mc('cat', target), 'signed')
  await mc(...remove, '--bypass')
  assert.deepEqual(await readBucket(server, { bucket }), {})

  await mc('retention', 'set', '--default', 'governance', '30d', `coffer/${bucket}`)
  await mc('cp', source, target)
  assert.ok((await readDaysHeld(mc, target)) > 29)
  await mc('rm', '--versions', '--force', '--bypass', target)
})

type Line = Readonly<Record<string, unknown>>

function parseLines(text: string): readonly Line[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line): Line => JSON.parse(line))
}

async function readPermission(mc: CommandLine, bucket: string): Promise<unknown> {
  return parseLines(await mc('anonymous', 'get', `coffer/${bucket}`))[0]?.['permission']
}

const DAY_MS = 86_400_000

async function readDaysHeld(mc: CommandLine, target: string): Promise<number> {
  const [retention] = parseLines(await mc('retention', 'info', target))
  return (Date.parse(String(retention?.['until'])) - Date.now()) / DAY_MS
}
