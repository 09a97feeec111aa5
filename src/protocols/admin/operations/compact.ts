import { answerMaintenance } from '../maintenance-answer.ts'
import type { AdminOperation } from '../operation.ts'

/** `POST /coffer/compact`: gives the space of what was deleted back to the disk; last a report. */
export const compact: AdminOperation = {
  name: 'Compact',
  method: 'POST',
  path: '/coffer/compact',
  run: async (request, context) => answerMaintenance(request, { kind: 'compact' }, context),
}
