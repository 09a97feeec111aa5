import type { Log } from '../../base/log.ts'
import type { ChangeFeed } from '../../storage/change-feed.ts'
import type { Maintenance } from '../../storage/maintenance.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'

/** One operation of Coffer's own API; the folder operations/ holds a file for each. */
export type AdminOperation = {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  run(request: HttpRequest, context: AdminContext): Promise<HttpResponse>
}

/** What operations work on. */
export type AdminContext = {
  /** Absent when the store has no feed. */
  readonly changes: ChangeFeed | undefined
  /** Absent when the store keeps nothing on disk. */
  readonly maintenance: Maintenance | undefined
  readonly log: Log
  /** Aborts when the server stops: streams without an end must end then. */
  readonly stopping: AbortSignal
}
