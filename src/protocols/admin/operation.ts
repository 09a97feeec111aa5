import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Directory } from '../../services/access/directory/directory.ts'
import type { Decide } from '../../services/access/question.ts'
import type { ChangeFeed } from '../../storage/change-feed.ts'
import type { Maintenance } from '../../storage/maintenance.ts'
import type { Buckets } from '../../storage/object-store.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { PayloadSeal } from '../http/signature/payload-seal.ts'
import type { ProgramFacts } from './contract.ts'

/**
 * One operation of Coffer's own API; the folder operations/ holds a file for each, or for those on
 * one kind of record.
 */
export type AdminOperation = {
  /** Policies call it `coffer:<name>`. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  run(request: AdminRequest, context: AdminContext): Promise<HttpResponse>
}

/** A request whose caller may make it. */
export type AdminRequest = HttpRequest & { readonly payload: PayloadSeal }

/** What operations work on. */
export type AdminContext = {
  /** Absent when the store has no feed. */
  readonly changes: ChangeFeed | undefined
  /** Absent when the store keeps nothing on disk. */
  readonly maintenance: Maintenance | undefined
  readonly program: ProgramFacts
  readonly directory: Directory
  readonly buckets: Pick<Buckets, 'list'>
  readonly decide: Decide
  readonly clock: Clock
  readonly log: Log
  /** Aborts when the server stops: streams without an end must end then. */
  readonly stopping: AbortSignal
}
