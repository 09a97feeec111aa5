import { findParameter } from '../../http/query.ts'
import { answerMaintenance } from '../maintenance-answer.ts'
import { assertBackupFolder } from '../maintenance-task.ts'
import type { AdminOperation } from '../operation.ts'

/** `POST /coffer/backup?target=<folder>`: the store as it is, in a folder of the same machine. */
export const backup: AdminOperation = {
  name: 'Backup',
  method: 'POST',
  path: '/coffer/backup',
  run: async (request, context) => {
    const folder = assertBackupFolder(findParameter(request.query, 'target'))
    return answerMaintenance(request, { kind: 'backup', folder }, context)
  },
}
