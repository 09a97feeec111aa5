/** What the fixture of format 1 was made with. */
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { ROOT_KEYS } from '../app/coffer-process.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures')

export const STORE_FILE: string = join(FIXTURES, 'store-v1.gz')
export const SNAPSHOT_FILE: string = join(FIXTURES, 'store-v1.json')

type Keys = { readonly id: string; readonly secret: string }

export const KEYS: Readonly<Record<'root' | 'alice' | 'lab', Keys>> = {
  root: { id: ROOT_KEYS.COFFER_ROOT_USER, secret: ROOT_KEYS.COFFER_ROOT_PASSWORD },
  alice: { id: 'alice-of-version-1', secret: 'the-secret-of-alice' },
  lab: { id: 'lab-of-version-1', secret: 'the-secret-of-the-lab' },
}

/** One body for each place where a store may keep it, and for the edges between them. */
export const BODIES: Readonly<Record<string, number>> = {
  empty: 0,
  inline: 100,
  'inline at its limit': 4096,
  segment: 50_000,
  'segment at its limit': 262_144,
  file: 300_000,
}

/** Of the complete upload; the open one has the first. */
export const PARTS: readonly number[] = [5 * 1024 * 1024, 1000]

/** Easily compressed, and another for each key. */
export function contentOf(key: string, size: number): Buffer {
  return Buffer.alloc(size, `${key}, ${size} bytes. `)
}

export function openClient(endpoint: string, { id, secret }: Keys): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: id, secretAccessKey: secret },
    maxAttempts: 1,
  })
}
