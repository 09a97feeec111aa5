import { findHeader } from '../../http/request.ts'
import { emptyAnswer } from '../answer.ts'
import { parseDeleteCondition } from '../conditions.ts'
import { deleteAccess } from '../admit.ts'
import { isBypassingGovernance } from '../object-lock.ts'
import { changeOptions, type S3Operation } from '../operation.ts'
import { versionName } from '../named.ts'

/** @see S3 API Reference, DeleteObject */
export const deleteObject: S3Operation = {
  name: 'DeleteObject',
  method: 'DELETE',
  on: 'object',
  selectors: [],

  access(call) {
    const etag = findHeader(call.headers, 'if-match')
    const bypassGovernance = isBypassingGovernance(call.headers)
    return deleteAccess(versionName(call), {
      bypassGovernance,
      ...(etag !== undefined && { etag }),
    })
  },

  async run(request, storage) {
    const condition = parseDeleteCondition(request.headers)
    const { versionId, deleteMarker } = await storage.objects.delete(versionName(request), {
      ...changeOptions(request),
      bypassGovernance: isBypassingGovernance(request.headers),
      ...(condition && { condition }),
    })
    return emptyAnswer(204, {
      'x-amz-version-id': versionId,
      'x-amz-delete-marker': deleteMarker ? 'true' : undefined,
    })
  },
}
