/**
 * Chromium: a page of another origin uploads parts by presigned URLs and reads their ETags, and
 * downloads what was completed; a form with a signed policy; an origin that the bucket's CORS rules
 * do not name gets nothing.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { serveClients } from '../client-server.ts'
import { findClient } from '../find-client.ts'
import { openInputs } from '../inputs.ts'
import { openBrowser, type Browser } from './chromium.ts'
import { openSdk, readBucket, readFolder } from './contents.ts'
import { newBucketName } from './new-bucket-name.ts'
import { findSystemProgram } from './system-program.ts'

const PART_BYTES = 8 * 1024 * 1024
const KEY = '训练/20-mib.bin'
const FILE = '20-mib.bin'

const server = await serveClients()

function findChromium(): Promise<string> {
  return findSystemProgram('chromium')
}

async function openChromium(context: TestContext): Promise<Browser | undefined> {
  const program = await findClient(context, { name: 'chromium', open: findChromium })
  if (program === undefined) return undefined
  const browser = await openBrowser({ program, folder: server.folder })
  context.after(() => browser.close())
  return browser
}

test('Chromium: a page of another origin uploads parts and downloads the whole', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const file = join(await openInputs(), 'files', FILE)
  const { sdk, bucket } = await createBucket(context)
  const upload = { Bucket: bucket, Key: KEY }
  const { UploadId } = await sdk.send(new CreateMultipartUploadCommand(upload))
  const urls = await Promise.all(
    [1, 2, 3].map((PartNumber) =>
      getSignedUrl(sdk, new UploadPartCommand({ ...upload, UploadId, PartNumber })),
    ),
  )
  const sending = { work: sendParts, given: { urls, partBytes: PART_BYTES }, file }
  await assert.rejects(browser.open(sending), /TypeError: Failed to fetch/)
  await allow(bucket, 'https://elsewhere.example')
  await assert.rejects(browser.open(sending), /TypeError: Failed to fetch/)

  await allow(bucket, browser.origin)
  const etags = await browser.open(sending)
  const parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }))
  await sdk.send(
    new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: parts } }),
  )
  const expected = await readFolder(join(file, '..'))
  assert.deepEqual(await readBucket(server, { bucket }), { [KEY]: expected[FILE] })

  const url = await getSignedUrl(sdk, new GetObjectCommand(upload))
  assert.equal(await browser.open({ work: digest, given: { url }, file }), expected[FILE])
})

test('Chromium: a form uploads a file, and nothing that its policy forbids', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const file = join(await openInputs(), 'files', FILE)
  const { sdk, bucket } = await createBucket(context)
  await allow(bucket, browser.origin)
  const { url, fields } = await createPresignedPost(sdk, {
    Bucket: bucket,
    Key: '上传/${filename}',
    Conditions: [
      ['content-length-range', 0, 32 * 1024 * 1024],
      ['starts-with', '$Content-Type', 'image/'],
      { success_action_status: '201' },
    ],
    Fields: { success_action_status: '201' },
  })
  const posting = { work: postForm, file }
  const type = { 'Content-Type': 'text/html' }
  const refused = await browser.open({ ...posting, given: { url, fields: { ...fields, ...type } } })
  assert.equal(refused.status, 403)
  assert.match(refused.body, /<Code>AccessDenied</)
  const image = { ...fields, 'Content-Type': 'image/png' }
  const done = await browser.open({ ...posting, given: { url, fields: image } })
  assert.equal(done.status, 201)
  assert.match(done.body, /<Key>上传\/我的图片\.png<\/Key>/)
  const expected = await readFolder(join(file, '..'))
  assert.deepEqual(await readBucket(server, { bucket }), { '上传/我的图片.png': expected[FILE] })
})

async function createBucket(
  context: TestContext,
): Promise<{ readonly sdk: ReturnType<typeof openSdk>; readonly bucket: string }> {
  const [sdk, bucket] = [openSdk(server), newBucketName('chromium')]
  context.after(() => sdk.destroy())
  await sdk.send(new CreateBucketCommand({ Bucket: bucket }))
  return { sdk, bucket }
}

async function allow(bucket: string, origin: string): Promise<void> {
  const sdk = openSdk(server)
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: ['GET', 'PUT', 'POST'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
  }
  await sdk.send(
    new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } }),
  )
  sdk.destroy()
}

// What follows runs in a page.

type Parts = { readonly urls: readonly string[]; readonly partBytes: number }

async function sendParts({ urls, partBytes }: Parts): Promise<readonly string[]> {
  const file = await (await fetch('/file')).blob()
  const etags: string[] = []
  for (const [index, url] of urls.entries()) {
    const body = file.slice(index * partBytes, (index + 1) * partBytes)
    const answer = await fetch(url, { method: 'PUT', body })
    if (!answer.ok) throw new Error(await answer.text())
    etags.push(answer.headers.get('ETag') ?? 'hidden')
  }
  return etags
}

async function digest({ url }: { readonly url: string }): Promise<string> {
  const bytes = await (await fetch(url)).arrayBuffer()
  const hash = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

type Form = { readonly url: string; readonly fields: Readonly<Record<string, string>> }

async function postForm({
  url,
  fields,
}: Form): Promise<{ readonly status: number; readonly body: string }> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', await (await fetch('/file')).blob(), '我的图片.png')
  const answer = await fetch(url, { method: 'POST', body: form })
  return { status: answer.status, body: await answer.text() }
}
