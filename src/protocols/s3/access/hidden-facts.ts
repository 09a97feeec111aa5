// What an object is locked by, and how many tags it has, is told to those who may ask for it.
// @see S3 API Reference, GetObject, HeadObject: "only returned if the requester has permission"
import type { FoundObject } from '../../../storage/object-store.ts'
import { versionAccess, versionName } from '../named.ts'
import { type AccessCheck, onObject, type S3Call } from '../operation.ts'

/** The same object without what the caller may not know. Asks only about what there is to hide. */
export async function hideFacts<Found extends FoundObject>(
  found: Found,
  call: S3Call,
): Promise<Found> {
  const { retention, legalHold, tags } = found.version
  if (retention === undefined && !legalHold && tags.length === 0) return found
  const name = versionName(call)
  const may = async (check: AccessCheck): Promise<boolean> => (await call.decide(check)).allowed
  const { retention: _, ...rest } = found.version
  const version = {
    ...rest,
    ...(retention && (await may(onObject('s3:GetObjectRetention', name))) && { retention }),
    legalHold: legalHold && (await may(onObject('s3:GetObjectLegalHold', name))),
    tags:
      tags.length > 0 && (await may(versionAccess(call, { verb: 'GetObject', what: 'Tagging' })))
        ? tags
        : [],
  }
  return { ...found, version }
}
