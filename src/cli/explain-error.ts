/** What a person at a terminal is told when a command fails. */
import { ConfigurationError } from '../app/config.ts'
import { isAccessError } from '../services/access/directory/access-error.ts'
import { isStorageError } from '../storage/storage-error.ts'
import { isTablesError } from '../tables/tables-error.ts'
import { ServerRefusal } from './running-server.ts'
import { S3Refusal, TransferError, type TransferErrorCode } from './s3/s3-failure.ts'

export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, damaged: 3 } as const

export type Explanation = {
  readonly message: string
  readonly hint?: string
  readonly exitCode: number
}

type SystemError = Error &
  NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
    readonly hostname?: string
  }

const OTHER_KEYS = 'Set COFFER_ROOT_USER and COFFER_ROOT_PASSWORD to the keys of the server.'

const REFUSAL_HINTS: Readonly<Record<string, string>> = {
  AccessKeyUnknown: OTHER_KEYS,
  SignatureMismatch: OTHER_KEYS,
  ClockSkewed: 'Set both clocks by NTP.',
}

const OTHER_S3_KEYS =
  'For an endpoint, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a folder, ' +
  'COFFER_ROOT_USER and COFFER_ROOT_PASSWORD.'

const S3_HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket: '`coffer ls` lists the buckets, `coffer mb` makes one.',
  NoSuchKey: '`coffer ls bucket/prefix` lists what is there.',
  BucketNotEmpty: '`coffer rb --force` removes it with everything in it.',
  AccessDenied: '`coffer policy why` tells what decides, for whoever has the root keys.',
  InvalidAccessKeyId: OTHER_S3_KEYS,
  SignatureDoesNotMatch: OTHER_S3_KEYS,
  RequestTimeTooSkewed: 'Set both clocks by NTP.',
}

const AGAIN = 'Run the same command again.'

const TRANSFER_HINTS: Readonly<Partial<Record<TransferErrorCode, string>>> = {
  ConnectionFailed:
    'When the server answers, run the same command again; `coffer cp` goes on where it stopped.',
  NotS3: 'Give the address of an S3 store by --endpoint.',
  ObjectChanged: `${AGAIN} It gets the object as it is then.`,
  FileChanged: `${AGAIN} It sends the file as it is then.`,
  WrongBytes: `${AGAIN} No file was put in place.`,
}

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not open that port; those below 1024 belong to root',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'no such host is known',
}

const FOLDER_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there; change its owner, or give another folder',
  EPERM: 'this user may not write there; change its owner, or give another folder',
  EROFS: 'it lies on a read-only file system; mount it writable, or give another folder',
  ENOSPC: 'the disk is full; free some space and start again',
  EDQUOT: 'the quota of this user is used up; free some space and start again',
  EFBIG: 'it would be larger than its file system, or a limit, allows',
  EIO: 'the disk does not read or write it; look at what the system says of the disk',
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder; give the path of a file',
  ENOTDIR: 'a part of that path is a file; give the path of a folder',
  EEXIST: 'it is a file; give the path of a folder',
  EMFILE: 'too many files are open; raise the limit with `ulimit -n`',
}

/** The sentence for an error; one that nobody foresaw comes with its stack, to be reported. */
export function explainError(error: unknown): Explanation {
  if (error instanceof ConfigurationError) {
    return { message: error.message, exitCode: EXIT_CODES.usage }
  }
  if (error instanceof ServerRefusal) return failed(error.message, REFUSAL_HINTS[error.code])
  if (error instanceof S3Refusal) return failed(error.message, S3_HINTS[error.code])
  if (error instanceof TransferError) return failed(error.message, TRANSFER_HINTS[error.code])
  if (isStorageError(error) || isTablesError(error) || isAccessError(error)) {
    return failed(error.message)
  }
  if (isSystemError(error)) return explainSystemError(error)
  return failed(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

function explainSystemError(error: SystemError): Explanation {
  const { code = '', path, address, port, hostname } = error
  if (LISTEN_SYSCALLS.has(error.syscall ?? '')) {
    const why = LISTEN_REASONS[code] ?? error.message
    return failed(
      `Cannot listen on ${hostname ?? `${address}:${port}`}: ${why}.`,
      'Give another address: --listen 127.0.0.1:9001, or port 0 for any free one.',
    )
  }
  const why = FOLDER_REASONS[code]
  if (path === undefined || why === undefined) return failed(error.stack ?? error.message)
  return failed(`Cannot use ${path}: ${why}.`)
}

const LISTEN_SYSCALLS: ReadonlySet<string> = new Set(['listen', 'bind', 'getaddrinfo'])

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

function failed(message: string, hint?: string): Explanation {
  return { message, exitCode: EXIT_CODES.failed, ...(hint === undefined ? {} : { hint }) }
}
