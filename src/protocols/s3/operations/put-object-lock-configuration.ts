import { findChild, findChildText, type XmlElement } from '../../../base/xml.ts'
import { OBJECT_LOCK_DOCUMENT } from '../../../storage/retention.ts'
import type { DefaultRetention } from '../../../storage/retention.ts'
import type { Storage } from '../../../storage/storage.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { isRetentionMode } from '../object-lock.ts'
import { changeOptions, onBucket, type S3Operation, type S3Request } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutObjectLockConfiguration */
export const putObjectLockConfiguration: S3Operation = {
  name: 'PutObjectLockConfiguration',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?object-lock'],

  access: (call) => [onBucket('s3:PutBucketObjectLockConfiguration', call)],

  async run(request, storage) {
    const document = await readXml(request, { root: 'ObjectLockConfiguration' })
    if (findChildText(document, 'ObjectLockEnabled') !== 'Enabled') {
      throw new S3Error('MalformedXML')
    }
    const rule = parseRule(findChild(document, 'Rule'))
    await switchLockOn(request, storage)
    const content = JSON.stringify(rule ?? {})
    await storage.documents.put(
      request.bucket,
      { name: OBJECT_LOCK_DOCUMENT, content },
      changeOptions(request),
    )
    return emptyAnswer(200)
  },
}

/** A bucket that has versions may be locked later; it is never unlocked. */
async function switchLockOn(request: S3Request, storage: Storage): Promise<void> {
  const { objectLock, versioning } = await storage.buckets.get(request.bucket)
  if (objectLock) return
  if (versioning !== 'enabled') {
    throw new S3Error('InvalidBucketState', {
      message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    })
  }
  await storage.buckets.update(request.bucket, { objectLock: true }, changeOptions(request))
}

function parseRule(rule: XmlElement | undefined): DefaultRetention | undefined {
  if (rule === undefined) return undefined
  const retention = findChild(rule, 'DefaultRetention')
  const mode = retention && findChildText(retention, 'Mode')
  if (retention === undefined || mode === undefined || !isRetentionMode(mode)) {
    throw new S3Error('MalformedXML')
  }
  const days = parsePeriod(retention, 'Days')
  const years = parsePeriod(retention, 'Years')
  if (days !== undefined && years === undefined) return { mode, days }
  if (years !== undefined && days === undefined) return { mode, years }
  throw new S3Error('MalformedXML')
}

const MAX_YEARS = 100
const MAX_PERIOD = { Days: MAX_YEARS * 365, Years: MAX_YEARS } as const

function parsePeriod(retention: XmlElement, unit: keyof typeof MAX_PERIOD): number | undefined {
  const value = findChildText(retention, unit)
  if (value === undefined) return undefined
  const period = /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(period)) throw new S3Error('MalformedXML')
  if (period < 1) {
    throw new S3Error('InvalidRetentionPeriod', {
      message: 'Default retention period must be a positive integer value.',
    })
  }
  if (period > MAX_PERIOD[unit]) {
    throw new S3Error('InvalidRetentionPeriod', {
      message: `Default retention period is too long; it may be ${MAX_YEARS} years.`,
    })
  }
  return period
}
