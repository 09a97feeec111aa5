// Object lock as S3 writes it: headers on writes, documents on what is there.
import { findChildText, xmlText, type Xml, type XmlElement } from '../../base/xml.ts'
import type { Bucket } from '../../storage/object-store.ts'
import {
  OBJECT_LOCK_DOCUMENT,
  parseDefaultRetention,
  type DefaultRetention,
  type Retention,
  type RetentionMode,
} from '../../storage/retention.ts'
import type { Storage } from '../../storage/storage.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { invalidArgument, S3Error } from './errors.ts'

/** The lock that a write asks for. `now`: retention into the past is refused. */
export function parseLockHeaders(
  headers: HttpHeaders,
  now: Date,
): { readonly retention?: Retention; readonly legalHold?: boolean } {
  const mode = findHeader(headers, 'x-amz-object-lock-mode')
  const until = findHeader(headers, 'x-amz-object-lock-retain-until-date')
  const hold = findHeader(headers, 'x-amz-object-lock-legal-hold')
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      mode === undefined
        ? { name: 'x-amz-object-lock-mode', value: '' }
        : { name: 'x-amz-object-lock-retain-until-date', value: '' },
    )
  }
  return {
    ...(mode !== undefined &&
      until !== undefined && {
        retention: makeRetention({ mode, until }, now),
      }),
    ...(hold !== undefined && { legalHold: parseLegalHold(hold) }),
  }
}

export function isBypassingGovernance(headers: HttpHeaders): boolean {
  return findHeader(headers, 'x-amz-bypass-governance-retention')?.toLowerCase() === 'true'
}

/**
 * `undefined` for an empty document, which removes the retention. @throws S3Error `MalformedXML`
 */
export function parseRetention(document: XmlElement, now: Date): Retention | undefined {
  const mode = findChildText(document, 'Mode')
  const until = findChildText(document, 'RetainUntilDate')
  if (mode === undefined && until === undefined) return undefined
  if (mode === undefined || until === undefined) throw new S3Error('MalformedXML')
  if (!isRetentionMode(mode)) throw new S3Error('MalformedXML')
  return makeRetention({ mode, until }, now)
}

export function renderRetention({ mode, until }: Retention): readonly Xml[] {
  return [xmlText('Mode', mode), xmlText('RetainUntilDate', until)]
}

function makeRetention(
  text: { readonly mode: string; readonly until: string },
  now: Date,
): Retention {
  const { mode } = text
  const until = new Date(text.until)
  if (!isRetentionMode(mode)) {
    throw invalidArgument('Unknown wormMode directive.', {
      name: 'x-amz-object-lock-mode',
      value: mode,
    })
  }
  const name = 'x-amz-object-lock-retain-until-date'
  if (Number.isNaN(until.getTime())) {
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', {
      name,
      value: text.until,
    })
  }
  if (until <= now) {
    throw invalidArgument('The retain until date must be in the future!', {
      name,
      value: text.until,
    })
  }
  return { mode, until }
}

function parseLegalHold(status: string): boolean {
  if (status === 'ON') return true
  if (status === 'OFF') return false
  throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", {
    name: 'x-amz-object-lock-legal-hold',
    value: status,
  })
}

/** @throws S3Error `MalformedXML` */
export function parseLegalHoldDocument(document: XmlElement): boolean {
  const status = findChildText(document, 'Status')
  if (status !== 'ON' && status !== 'OFF') throw new S3Error('MalformedXML')
  return status === 'ON'
}

export function isRetentionMode(text: string): text is RetentionMode {
  return text === 'GOVERNANCE' || text === 'COMPLIANCE'
}

/** @throws S3Error `InvalidRequest` */
export function assertLockEnabled({ objectLock }: Bucket): void {
  if (objectLock) return
  throw new S3Error('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' })
}

/** What the bucket gives to versions that bring no retention of their own. */
export async function findDefaultRetention(
  bucket: string,
  storage: Storage,
): Promise<DefaultRetention | undefined> {
  const document = await storage.documents.find(bucket, OBJECT_LOCK_DOCUMENT)
  return document && parseDefaultRetention(document.content)
}
