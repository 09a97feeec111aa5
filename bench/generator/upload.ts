// One object in parts, as clients upload large ones: begin, parts over all connections, complete.
import { hash } from 'node:crypto'
import { findMistake } from './answer.ts'
import type { Connection } from './connection.ts'
import type { Measured } from './load.ts'
import { makePayloads, type Payload, payloadOf } from './payload.ts'
import type { Reply } from './reply-reader.ts'
import type { S3Request } from './s3-request.ts'
import type { Sign } from './signed-request.ts'
import { pick } from './workloads.ts'

export type Upload = {
  readonly path: string
  readonly partBytes: number
  readonly parts: number
}

type Measure = (connections: readonly Connection[]) => Promise<Measured>

/** Parts are hashed when this is called; the clock runs while the function it returns runs. */
export function prepareUpload(upload: Upload, sign: Sign): Measure {
  const payloads = makePayloads(2, upload.partBytes)
  const parts = Array.from({ length: upload.parts }, (_, at) => pick(payloads, at))
  const ask = async (connection: Connection, request: S3Request): Promise<Reply> => {
    const reply = await connection.send(sign(request))
    const mistake = findMistake(request, reply)
    if (mistake !== undefined) throw new Error(mistake)
    return reply
  }
  return async (connections) => {
    const began = performance.now()
    const cpuBefore = process.cpuUsage()
    const [first] = connections
    if (first === undefined) throw new RangeError('An upload needs a connection.')
    const { body } = await ask(first, begin(upload))
    const [, uploadId = ''] = /<UploadId>([^<]+)</.exec(body) ?? []
    let sent = 0
    const sendParts = async (connection: Connection): Promise<void> => {
      for (let at = sent++; at < parts.length; at = sent++) {
        await ask(
          connection,
          putPart(upload, { uploadId, number: at + 1, payload: pick(parts, at) }),
        )
      }
    }
    await Promise.all(connections.map(sendParts))
    await ask(first, complete(upload, { uploadId, parts }))
    return measured({ upload, ms: performance.now() - began, cpu: process.cpuUsage(cpuBefore) })
  }
}

/** What is there once an upload is complete. */
export function headUploaded({ path, partBytes, parts }: Upload): S3Request {
  const object = { bytes: Buffer.alloc(partBytes), times: parts, sha256: '' }
  return { method: 'HEAD', path, answer: { object } }
}

function begin({ path }: Upload): S3Request {
  return { method: 'POST', path, query: { uploads: '' }, keepsBody: true }
}

type Part = { readonly uploadId: string; readonly number: number; readonly payload: Payload }

function putPart({ path }: Upload, { uploadId, number, payload }: Part): S3Request {
  const query = { partNumber: String(number), uploadId }
  return { method: 'PUT', path, query, payload, answer: { object: payload } }
}

type Parts = { readonly uploadId: string; readonly parts: readonly Payload[] }

function complete({ path }: Upload, { uploadId, parts }: Parts): S3Request {
  const etags = parts.map(({ etag = '' }) => etag.replaceAll('"', ''))
  const listed = etags.map(
    (etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  )
  const text = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
  const whole = `${hash('md5', Buffer.from(etags.join(''), 'hex'), 'hex')}-${parts.length}`
  return {
    method: 'POST',
    path,
    query: { uploadId },
    payload: payloadOf(Buffer.from(text)),
    // An error may come after a 200.
    answer: { judge: (body) => (body.includes(whole) ? undefined : `another ETag: ${body}`) },
  }
}

type Timed = { readonly upload: Upload; readonly ms: number; readonly cpu: NodeJS.CpuUsage }

function measured({ upload, ms, cpu }: Timed): Measured {
  return {
    operations: 1,
    bytes: upload.partBytes * upload.parts,
    seconds: ms / 1000,
    latency: { p50: ms, p99: ms, max: ms },
    asked: 1,
    generatorCpuSeconds: (cpu.user + cpu.system) / 1e6,
  }
}
