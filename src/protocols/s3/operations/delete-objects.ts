import { setImmediate as nextTurn } from 'node:timers/promises'
import { findChildren, findChildText, xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import type { XmlElement } from '../../../base/xml.ts'
import type { DeleteCondition } from '../../../storage/condition.ts'
import type { ConditionKeys } from '../../../services/access/question.ts'
import { LIMITS } from '../../../storage/limits.ts'
import type { DeleteOptions, DeleteOutcome, VersionName } from '../../../storage/object-store.ts'
import type { Storage } from '../../../storage/storage.ts'
import { xmlAnswer } from '../answer.ts'
import { assertAllowed, deleteAccess } from '../admit.ts'
import { makeDeleteCondition } from '../conditions.ts'
import { S3Error } from '../errors.ts'
import { isBypassingGovernance } from '../object-lock.ts'
import { changeOptions, type S3Operation, type S3Request } from '../operation.ts'
import { describeError, errorCodeOf } from '../render-error.ts'
import { DELETE_SIZE_BYTES, readXml } from '../xml-body.ts'

/** @see S3 API Reference, DeleteObjects */
export const deleteObjects: S3Operation = {
  name: 'DeleteObjects',
  method: 'POST',
  on: 'bucket',
  selectors: ['?delete'],

  /** Asked for key by key: one that may not be deleted does not keep the others. */
  access: () => [],

  async run(request, storage) {
    assertVerifiable(request)
    await storage.buckets.get(request.bucket)
    const options = { root: 'Delete', maxSizeBytes: DELETE_SIZE_BYTES }
    const document = await readXml(request, options)
    const deletions = parseDeletions(document, request.bucket)
    const isQuiet = findChildText(document, 'Quiet')?.toLowerCase() === 'true'
    const results = await beginInTurns(deletions, (each) => deleteOne(each, request, storage))
    const shown = isQuiet ? results.filter(({ isError }) => isError) : results
    return xmlAnswer(
      'DeleteResult',
      shown.map(({ xml }) => xml),
    )
  },
}

/** To decide takes a while with some policies. Other requests have their turn between two keys. */
function beginInTurns<Item, Outcome>(
  items: readonly Item[],
  act: (item: Item) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  let turn = Promise.resolve()
  return Promise.all(
    items.map((item) => {
      turn = turn.then(() => nextTurn())
      return turn.then(() => act(item))
    }),
  )
}

/** S3 deletes nothing on the word of a document that may have been cut or altered. */
function assertVerifiable({ body }: S3Request): void {
  if (body.md5 !== undefined || body.checksum !== undefined) return
  throw new S3Error('InvalidRequest', {
    message: 'Missing required header for this request: Content-MD5',
  })
}

type Deletion = { readonly name: VersionName; readonly condition: DeleteCondition | undefined }

function parseDeletions(document: XmlElement, bucket: string): readonly Deletion[] {
  const objects = findChildren(document, 'Object')
  if (objects.length === 0 || objects.length > LIMITS.listPage) throw new S3Error('MalformedXML')
  return objects.map((object) => {
    const key = findChildText(object, 'Key')
    if (key === undefined || key === '') throw new S3Error('MalformedXML')
    const versionId = findChildText(object, 'VersionId')
    return {
      name: { bucket, key, ...(versionId !== undefined && versionId !== '' && { versionId }) },
      condition: makeDeleteCondition({
        etag: findChildText(object, 'ETag'),
        size: findChildText(object, 'Size'),
        lastModified: findChildText(object, 'LastModifiedTime'),
      }),
    }
  })
}

type Result = { readonly isError: boolean; readonly xml: Xml }

async function deleteOne(
  { name, condition }: Deletion,
  request: S3Request,
  storage: Storage,
): Promise<Result> {
  const bypassGovernance = isBypassingGovernance(request.headers)
  const options: DeleteOptions = {
    ...changeOptions(request),
    bypassGovernance,
    ...(condition && { condition }),
  }
  try {
    const etag = condition?.ifMatch
    const asked = { bypassGovernance, ...(etag !== undefined && { etag }) }
    for (const check of deleteAccess(name, asked)) {
      await assertAllowed(request, { ...check, keys: comparedKeys(etag) })
    }
    const outcome = await storage.objects.delete(name, options)
    return { isError: false, xml: renderDeleted(name, outcome) }
  } catch (error) {
    // What nobody foresaw fails the whole request, so that the log hears of it.
    if (errorCodeOf(error) === 'InternalError') throw error
    return { isError: true, xml: renderFailed(name, error) }
  }
}

/** Each key has a condition of its own, whatever the header says. */
function comparedKeys(etag: string | undefined): ConditionKeys {
  return new Map([['s3:if-match', etag === undefined ? [] : [etag]]])
}

function renderDeleted(name: VersionName, { versionId, deleteMarker }: DeleteOutcome): Xml {
  return xmlElement('Deleted', [
    xmlText('Key', name.key),
    xmlText('VersionId', name.versionId),
    deleteMarker ? xmlText('DeleteMarker', true) : undefined,
    deleteMarker ? xmlText('DeleteMarkerVersionId', versionId) : undefined,
  ])
}

function renderFailed(name: VersionName, error: unknown): Xml {
  const { code, message } = describeError(error)
  return xmlElement('Error', [
    xmlText('Key', name.key),
    xmlText('VersionId', name.versionId),
    xmlText('Code', code),
    xmlText('Message', message),
  ])
}
