// Whether an answer is right. A server that answers quickly and wrongly has not been measured.
import { sizeOf } from './payload.ts'
import type { Reply } from './reply-reader.ts'
import type { S3Request } from './s3-request.ts'

/** What is wrong with a reply, if anything is: status, ETag, length, the sampled bytes, text. */
export function findMistake(request: S3Request, reply: Reply): string | undefined {
  const mistake = judge(request, reply)
  return mistake && `${request.method} ${request.path}: ${mistake}`
}

function judge({ method, answer = {} }: S3Request, reply: Reply): string | undefined {
  const { status = 200, object } = answer
  if (reply.status !== status) return `${reply.status}, not ${status}. ${reply.body}`
  if (object !== undefined && method !== 'DELETE') {
    if (object.etag !== undefined && !reply.head.includes(object.etag)) return 'another ETag'
    const bytes = method === 'HEAD' ? reply.announcedBytes : reply.bodyBytes
    if (method !== 'PUT' && bytes !== sizeOf(object)) return `${bytes} bytes`
    if (reply.isDifferent) return 'other bytes than were stored'
  }
  return answer.judge?.(reply.body)
}
