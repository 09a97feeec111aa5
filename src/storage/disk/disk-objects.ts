import type { Body } from '../body.ts'
import type {
  CopyOptions,
  FoundObject,
  GetOptions,
  Objects,
  PutOptions,
  VersionName,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import { planRead } from '../read-plan.ts'
import type { BodyId, WrittenBody } from './bodies/bodies.ts'
import { objectRecord } from './body-records.ts'
import { getBucket, getObject } from './catalog/catalog.ts'
import { commitChange } from './commit-change.ts'
import { listObjects, listVersions } from './disk-lists.ts'
import {
  assertWritable,
  openTablesOf,
  runWrite,
  type DiskState,
  type ReadState,
} from './disk-state.ts'
import {
  carryOut,
  carryOutCopy,
  draftDelete,
  draftUpdate,
  isOvertaken,
  planCopyOf,
  planPutOf,
  recordOfCopy,
  type WriteOf,
} from './disk-writes.ts'
import { openBytes, partsOf } from './open-bytes.ts'
import { receiveBody, untilNotOvertaken, withManifest } from './receive-body.ts'

/** What of `Objects` only reads the catalog. */
export function readObjects(state: ReadState): Pick<Objects, 'head' | 'list' | 'listVersions'> {
  return {
    async head(name, options) {
      return findOpened(state, name, options).found
    },
    async list(bucket, options) {
      return listObjects(openTablesOf(state), bucket, options)
    },
    async listVersions(bucket, options) {
      return listVersions(openTablesOf(state), bucket, options)
    },
  }
}

export function createObjects(state: DiskState): Objects {
  return {
    ...readObjects(state),
    async put(name, body, options) {
      return runWrite(state, options.signal, () => put(state, { name, options }, body))
    },
    async get(name, options) {
      const { found, body } = findOpened(state, name, options)
      return { ...found, bytes: openBytes(state, body, found.range) }
    },
    async update(name, change, options) {
      assertWritable(state, options.signal)
      return commitChange(state, options, (draft) => draftUpdate(draft, { name, change, options }))
    },
    async copy(source, name, options) {
      return runWrite(state, options.signal, () => copy(state, { source, name, options }))
    },
    async delete(name, options) {
      assertWritable(state, options.signal)
      return commitChange(state, options, (draft) => draftDelete(draft, { name, options }))
    },
  }
}

/** What a get opens, and the body that holds its bytes. */
export type Found = { readonly found: FoundObject; readonly body: BodyId }

/** @throws StorageError as `Objects.get` */
export function findOpened(state: ReadState, name: VersionName, options: GetOptions): Found {
  options.signal?.throwIfAborted()
  const tables = openTablesOf(state)
  const object = getObject(tables, name)
  const found = planRead(object.version, partsOf(tables, object), options)
  return { found, body: object.body }
}

type Put = Omit<WriteOf<'put'>, 'options'> & { readonly options: PutOptions }

async function put(state: DiskState, write: Put, body: Body): Promise<ObjectVersion> {
  const { name, options } = write
  getBucket(state.tables, name.bucket)
  return receiveBody(state, { body, signal: options.signal }, (written) =>
    written.stored.place.kind === 'inline'
      ? putInline(state, write, written)
      : putSealed(state, write, written),
  )
}

function putInline(state: DiskState, write: Put, written: WrittenBody): Promise<ObjectVersion> {
  const { stored, digest } = written
  return commitChange(state, write.options, (draft) => {
    const stamp = draft.stamp()
    const planned = planPutOf(draft.tables, write, { digest, stamp })
    draft.addBody(stored)
    return carryOut(draft, planned, { stamp, content: { body: stored.id } })
  })
}

/** The record beside the bytes says what the commit then must find: so it is planned twice. */
function putSealed(state: DiskState, write: Put, written: WrittenBody): Promise<ObjectVersion> {
  const { digest } = written
  return untilNotOvertaken(state, async (stamp) => {
    const { plan } = planPutOf(state.tables, write, { digest, stamp })
    await written.seal(objectRecord(plan.result))
    return commitChange(state, write.options, (draft) => {
      const planned = planPutOf(draft.tables, write, { digest, stamp })
      if (isOvertaken(planned, plan.result)) return undefined
      draft.observe(stamp)
      draft.addBody(written.stored)
      return carryOut(draft, planned, {
        stamp: draft.stamp(),
        content: { body: written.stored.id },
      })
    })
  })
}

type Copy = Omit<WriteOf<'copy'>, 'options'> & { readonly options: CopyOptions }

function copy(state: DiskState, write: Copy): Promise<ObjectVersion> {
  return untilNotOvertaken(state, async (stamp) => {
    const expected = planCopyOf(state.tables, write, stamp)
    const record = recordOfCopy(state.tables, expected)
    return withManifest(state, record, (manifest) =>
      commitChange(state, write.options, (draft) => {
        const planned = planCopyOf(draft.tables, write, stamp)
        if (isOvertaken(planned, expected.plan.result)) return undefined
        if (planned.body !== expected.body) return undefined
        draft.observe(stamp)
        return carryOutCopy(draft, planned, { stamp: draft.stamp(), manifest })
      }),
    )
  })
}
