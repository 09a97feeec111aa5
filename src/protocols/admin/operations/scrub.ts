import { answerMaintenance } from '../maintenance-answer.ts'
import type { AdminOperation } from '../operation.ts'

/** `POST /coffer/scrub`: reads everything and gives a line for each finding, last a summary. */
export const scrub: AdminOperation = {
  name: 'Scrub',
  method: 'POST',
  path: '/coffer/scrub',
  run: async (request, context) => answerMaintenance(request, { kind: 'scrub' }, context),
}
