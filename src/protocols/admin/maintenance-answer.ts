import { findParameter } from '../http/query.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { answerLines } from './line-stream.ts'
import { requireMaintenance, runMaintenance, type MaintenanceTask } from './maintenance-task.ts'
import type { AdminContext } from './operation.ts'

/** The lines of a task, which ends when the caller goes away or the server stops. */
export function answerMaintenance(
  request: HttpRequest,
  task: MaintenanceTask,
  { maintenance, log, stopping }: AdminContext,
): HttpResponse {
  const bytesPerSecond = readRate(request)
  const lines = runMaintenance(requireMaintenance(maintenance), task, {
    signal: AbortSignal.any([request.signal, stopping]),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  })
  return answerLines(lines, { requestId: request.id, log })
}

/** @throws StorageError `InvalidArgument` */
function readRate({ query }: HttpRequest): number | undefined {
  const text = findParameter(query, 'bytesPerSecond')
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new StorageError('InvalidArgument', `bytesPerSecond is a whole number, not "${text}".`)
}
