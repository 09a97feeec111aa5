// One request after another, for what is asked of a server beside the load.
import { findMistake } from './answer.ts'
import { addressOf, openConnection } from './connection.ts'
import type { Reply } from './reply-reader.ts'
import type { S3Request } from './s3-request.ts'
import { createSigner, type S3Keys } from './signed-request.ts'

export type S3Caller = {
  /** Resolves with a right answer; any other is an error. */
  ask(request: S3Request): Promise<Reply>
  close(): void
}

export async function openCaller(keys: S3Keys): Promise<S3Caller> {
  const connection = await openConnection(addressOf(keys.url))
  const sign = createSigner(keys)
  return {
    async ask(request) {
      const reply = await connection.send(
        sign({ keepsBody: request.method !== 'HEAD', ...request }),
      )
      const mistake = findMistake(request, reply)
      if (mistake !== undefined) throw new Error(mistake)
      return reply
    },
    close: () => connection.close(),
  }
}
