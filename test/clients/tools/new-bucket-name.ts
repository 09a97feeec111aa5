import { randomUUID } from 'node:crypto'

/** A name that no other run has, for servers that outlive a test. */
export function newBucketName(client: string): string {
  return `${client}-${randomUUID().slice(0, 8)}`
}
