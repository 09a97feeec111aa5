/**
 * Moving from MinIO: the commands of [the page](move-from-minio.md) as they stand there, with mc
 * and with rclone, run once while the old server is in use and once afterwards; contents, metadata,
 * and with mc also public access, locks, holds and tags are the same.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { ROOT_KEYS, serveCoffer, temporaryFolder } from '../../app/coffer-process.ts'
import { findClient } from '../find-client.ts'
import { runProgram } from '../run-program.ts'
import { openSdk, readBucket } from './contents.ts'
import { MC, openGoProgram } from './go-program.ts'
import { serveMinio, type Keyed } from './minio-server.ts'
import { openRclone } from './rclone.ts'

const PAGE = join(import.meta.dirname, '../../../docs/move-from-minio.md')
const BUCKETS = ['ledger', 'models', 'photos'] as const
const NOTES = { Bucket: 'photos', Key: '说明/notes & co.md' }
/** What `mc anonymous set download` makes. */
const DOWNLOAD = [
  {
    Effect: 'Allow',
    Principal: { AWS: ['*'] },
    Action: ['s3:GetBucketLocation', 's3:ListBucket'],
    Resource: ['arn:aws:s3:::photos'],
  },
  {
    Effect: 'Allow',
    Principal: { AWS: ['*'] },
    Action: ['s3:GetObject'],
    Resource: ['arn:aws:s3:::photos/*'],
  },
]
const [GONE, HELD] = ['2026/01.csv', '2026/02.csv']
const PART_BYTES = 5 * 1024 * 1024

test('the commands of the page move everything with mc', async (context) => {
  const program = await findClient(context, { name: 'mc', open: () => openGoProgram(MC) })
  if (program === undefined) return
  const { url, target, said, isMinio } = await move(context, { program, section: 'With mc' })
  assert.doesNotMatch(said, /^[<>!] /m)
  const { Status } = await target.send(new GetBucketVersioningCommand({ Bucket: 'models' }))
  assert.equal(Status, 'Enabled')
  const lock = await target.send(new GetObjectLockConfigurationCommand({ Bucket: 'ledger' }))
  assert.equal(lock.ObjectLockConfiguration?.ObjectLockEnabled, 'Enabled')
  const hold = await target.send(new GetObjectLegalHoldCommand({ Bucket: 'ledger', Key: HELD }))
  assert.equal(hold.LegalHold?.Status, 'ON')
  const { status } = await fetch(`${url}/${NOTES.Bucket}/${encodeURI(NOTES.Key)}`)
  assert.equal(status, 200)
  if (!isMinio) return
  const { TagSet } = await target.send(new GetObjectTaggingCommand(NOTES))
  assert.deepEqual(TagSet, [{ Key: 'stage', Value: 'review' }])
})

test('the commands of the page move everything with rclone', async (context) => {
  const program = await findClient(context, { name: 'rclone', open: openRclone })
  if (program === undefined) return
  await move(context, { program, section: 'With rclone' })
})

type Moved = {
  readonly url: string
  readonly target: S3Client
  /** What the last of the commands printed. */
  readonly said: string
  readonly isMinio: boolean
}

type Way = { readonly program: string; readonly section: string }

async function move(context: TestContext, { program, section }: Way): Promise<Moved> {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const minio = await serveMinio(context, join(folder, 'minio'))
  const old = minio ?? (await serve(context, join(folder, 'old')))
  const fresh = await serve(context, join(folder, 'new'))
  const [source, target] = [openSdk(old), openSdk(fresh)]
  context.after(() => [source, target].forEach((client) => client.destroy()))
  context.diagnostic(`from ${minio === undefined ? 'another Coffer' : 'MinIO'}`)

  const commands = await readCommands(section)
  const [settings = '', check = ''] = [commands.at(0), commands.at(-1)]
  const run = (...blocks: readonly string[]): Promise<string> =>
    runProgram(['bash', '-euo', 'pipefail', '-c', blocks.join('\n')], {
      environment: { ...describe(old, fresh), PATH: pathWith(program) },
      folder,
    })
  await fill(source)
  await nextSecond()
  await run(...commands)
  await change(source)
  await nextSecond()
  await run(...commands)
  for (const bucket of BUCKETS) {
    assert.deepEqual(await readBucket(fresh, { bucket }), await readBucket(old, { bucket }))
  }
  const head = await target.send(new HeadObjectCommand(NOTES))
  assert.equal(head.ContentType, 'text/markdown')
  assert.equal(head.CacheControl, 'max-age=90')
  assert.equal(head.Metadata?.['owner'], 'vision')
  const said = await run(settings, check)
  return { url: fresh.url, target, said, isMinio: minio !== undefined }
}

/** Lists tell whole seconds: a copy made in the second of its source may look older to mc. */
function nextSecond(): Promise<void> {
  return setTimeout(1000 - (Date.now() % 1000))
}

async function serve(context: TestContext, folder: string): Promise<Keyed> {
  const coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0', '--log-level', 'warn'])
  context.after(() => coffer.stop())
  const { COFFER_ROOT_USER: accessKey, COFFER_ROOT_PASSWORD: secretKey } = ROOT_KEYS
  return { url: coffer.url, accessKey, secretKey }
}

/** The blocks of shell commands below a heading of the page. */
async function readCommands(section: string): Promise<readonly string[]> {
  const text = (await readFile(PAGE, 'utf8')).split(/^## /m)
  const found = text.find((part) => part.startsWith(`${section}\n`)) ?? ''
  const blocks = Array.from(found.matchAll(/^```sh\n(.*?)^```$/gms), ([, block = '']) => block)
  assert.ok(blocks.length > 1, `There are no commands below "${section}".`)
  return blocks
}

function describe(old: Keyed, fresh: Keyed): Readonly<Record<string, string>> {
  return {
    OLD_URL: old.url,
    OLD_USER: old.accessKey,
    OLD_PASSWORD: old.secretKey,
    NEW_URL: fresh.url,
    NEW_USER: fresh.accessKey,
    NEW_PASSWORD: fresh.secretKey,
  }
}

function pathWith(program: string): string {
  return [dirname(program), process.env['PATH']].join(delimiter)
}

async function fill(client: S3Client): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: 'photos' }))
  await client.send(new CreateBucketCommand({ Bucket: 'models' }))
  await client.send(new CreateBucketCommand({ Bucket: 'ledger', ObjectLockEnabledForBucket: true }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await client.send(new PutBucketVersioningCommand({ Bucket: 'models', VersioningConfiguration }))
  await client.send(
    new PutObjectCommand({
      ...NOTES,
      Body: '# 说明\n',
      ContentType: 'text/markdown',
      CacheControl: 'max-age=90',
      Metadata: { owner: 'vision' },
      Tagging: 'stage=review',
    }),
  )
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: DOWNLOAD })
  await client.send(new PutBucketPolicyCommand({ Bucket: 'photos', Policy }))
  const Body = Buffer.alloc(2 * PART_BYTES + 1, 'weights')
  const params = { Bucket: 'models', Key: 'v1/weights.bin', Body }
  await new Upload({ client, params, partSize: PART_BYTES }).done()
  const rows = { Bucket: 'ledger', Body: 'rows' }
  await client.send(new PutObjectCommand({ ...rows, Key: GONE }))
  await client.send(new PutObjectCommand({ ...rows, Key: HELD, ObjectLockLegalHoldStatus: 'ON' }))
}

/** What happens to an old server while it is copied. */
async function change(client: S3Client): Promise<void> {
  const weights = { Bucket: 'models', Key: 'v1/weights.bin' }
  await client.send(new PutObjectCommand({ ...weights, Body: 'smaller weights' }))
  await client.send(new PutObjectCommand({ Bucket: 'photos', Key: '新.jpg', Body: 'new' }))
  await client.send(new DeleteObjectCommand({ Bucket: 'ledger', Key: GONE }))
}
