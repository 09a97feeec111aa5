/**
 * What a write does to one key, or to a bucket, decided without touching anything. Every store
 * calls these inside its commit with what it read there, and then only carries the plan out: that
 * makes conditions, locks and versioning atomic, and the same in all stores.
 */
import type { Change, ChangeOperation } from './change-feed.ts'
import {
  assertDeleteCondition,
  assertWriteCondition,
  type Condition,
  type DeleteCondition,
} from './condition.ts'
import type {
  Bucket,
  BucketChange,
  ChangeOptions,
  DeleteOutcome,
  ObjectChange,
} from './object-store.ts'
import {
  NULL_VERSION,
  type DeleteMarker,
  type ObjectVersion,
  type VersionEntry,
} from './object-version.ts'
import { assertDeletable, assertRetentionChange } from './retention.ts'
import { StorageError } from './storage-error.ts'

/** What a commit has read of the key that it is about to change. */
export type KeyState = {
  readonly bucket: Bucket
  /** The newest version or marker. */
  readonly latest: VersionEntry | undefined
  /** The version or marker whose id is `null`, wherever it stands. */
  readonly nullVersion: VersionEntry | undefined
}

/** What the commit gives to what it makes. */
export type CommitStamp = {
  readonly sequence: bigint
  readonly at: Date
  /** The id of a new version, should the bucket give ids. */
  readonly versionId: string
}

/** What a version is, before its commit says which one and when. */
export type UnstampedVersion = Omit<ObjectVersion, 'versionId' | 'sequence' | 'modifiedAt'>

/** What the commit adds to the feed, before the feed says when. */
export type PlannedChange = Omit<Change, 'formatVersion' | 'sequence' | 'at' | 'origin'>

export type WritePlan<Result> = {
  /** Forgotten for good, with their bodies. */
  readonly remove: readonly VersionEntry[]
  /** Becomes the newest of its key. */
  readonly add?: VersionEntry
  /** Takes the place of the version with the same id. */
  readonly replace?: ObjectVersion
  /** Absent when nothing changes. */
  readonly change?: PlannedChange
  readonly result: Result
}

/**
 * Passes when the bucket that a change is meant for is still the one of its name; every store asks
 * this inside the commit. @throws StorageError `NoSuchBucket`
 */
export function assertMeant(
  meantFor: ChangeOptions['meantFor'],
  findBucket: (name: string) => Bucket | undefined,
): void {
  if (meantFor === undefined) return
  const { name, owner, createdAt } = meantFor
  const found = findBucket(name)
  if (found?.owner === owner && found.createdAt.getTime() === createdAt.getTime()) return
  throw new StorageError('NoSuchBucket', `The bucket "${name}" was deleted meanwhile.`, {
    details: { bucket: name },
  })
}

/** The object that the key shows: its newest version, unless that is a marker. */
export function shownVersion(state: Pick<KeyState, 'latest'>): ObjectVersion | undefined {
  return state.latest?.deleteMarker === false ? state.latest : undefined
}

/** @throws StorageError `PreconditionFailed`, `NoSuchKey`, `ObjectLockNotEnabled` */
export function planPut(
  state: KeyState,
  made: UnstampedVersion,
  options: {
    readonly stamp: CommitStamp
    readonly operation: ChangeOperation
    readonly condition: Condition | undefined
  },
): WritePlan<ObjectVersion> {
  const shown = shownVersion(state)
  assertWriteCondition(options.condition, shown, made.key)
  if (made.retention !== undefined || made.legalHold) assertObjectLock(state.bucket)
  const { sequence, at } = options.stamp
  const added = {
    ...made,
    sequence,
    modifiedAt: at,
    versionId: versionIdFor(state.bucket, options.stamp),
  }
  return {
    remove: replacedByNull(state, options.stamp),
    add: added,
    change: { ...describe(added, options.operation), ...previousOf(shown) },
    result: added,
  }
}

/**
 * A delete that names no version.
 * @throws StorageError `PreconditionFailed`, `NoSuchKey`, `ObjectLocked`
 */
export function planDelete(
  state: KeyState,
  marker: Pick<DeleteMarker, 'bucket' | 'key' | 'owner'>,
  options: DeletePlanOptions,
): WritePlan<DeleteOutcome> {
  const shown = shownVersion(state)
  assertDeleteCondition(options.condition, state.latest, marker.key)
  const name = { bucket: marker.bucket, key: marker.key }
  if (state.bucket.versioning === 'unversioned') {
    if (state.latest === undefined) return { remove: [], result: { deleteMarker: false } }
    return {
      remove: [state.latest],
      change: { operation: 'Delete', ...name, ...previousOf(shown) },
      result: { deleteMarker: false },
    }
  }
  const { sequence, at } = options.stamp
  const versionId = versionIdFor(state.bucket, options.stamp)
  return {
    remove: replacedByNull(state, options.stamp),
    add: { ...marker, deleteMarker: true, versionId, sequence, modifiedAt: at },
    change: { operation: 'DeleteMarker', ...name, versionId, ...previousOf(shown) },
    result: { versionId, deleteMarker: true },
  }
}

/**
 * A delete that names a version; `target` is what bears that id, if anything does.
 * @throws StorageError `PreconditionFailed`, `NoSuchKey`, `ObjectLocked`
 */
export function planVersionDelete(
  target: VersionEntry | undefined,
  name: { readonly bucket: string; readonly key: string; readonly versionId: string },
  options: DeletePlanOptions,
): WritePlan<DeleteOutcome> {
  // A version that is gone never comes back as another: its delete is done, whatever was expected.
  if (target === undefined) {
    return { remove: [], result: { versionId: name.versionId, deleteMarker: false } }
  }
  assertDeleteCondition(options.condition, target, name.key)
  if (!target.deleteMarker) {
    assertDeletable(target, {
      now: options.stamp.at,
      bypassGovernance: options.bypassGovernance ?? false,
    })
  }
  return {
    remove: [target],
    change: { operation: 'Delete', ...name },
    result: { versionId: target.versionId, deleteMarker: target.deleteMarker },
  }
}

/** @throws StorageError `ObjectLocked`, `ObjectLockNotEnabled` */
export function planUpdate(
  bucket: Bucket,
  target: ObjectVersion,
  options: {
    readonly change: ObjectChange
    readonly now: Date
    readonly bypassGovernance: boolean | undefined
  },
): WritePlan<ObjectVersion> {
  const replaced = applyChange(bucket, target, options)
  return {
    remove: [],
    replace: replaced,
    change: describe(replaced, UPDATE_OPERATIONS[options.change.kind]),
    result: replaced,
  }
}

/**
 * The bucket after the change. Object lock needs versioning enabled, and keeps it so.
 * @throws StorageError `VersioningLocked`
 * @see S3 User Guide, Object Lock considerations
 */
export function changeBucket(bucket: Bucket, change: BucketChange): Bucket {
  const versioning = change.versioning ?? bucket.versioning
  const objectLock = change.objectLock ?? bucket.objectLock
  if (objectLock && versioning !== 'enabled') {
    throw new StorageError(
      'VersioningLocked',
      `Bucket "${bucket.name}" cannot have object lock without versioning; leave versioning enabled.`,
      { details: { bucket: bucket.name } },
    )
  }
  return { ...bucket, versioning, objectLock }
}

type DeletePlanOptions = {
  readonly stamp: CommitStamp
  readonly condition: DeleteCondition | undefined
  readonly bypassGovernance?: boolean | undefined
}

const UPDATE_OPERATIONS = {
  tags: 'Tagging',
  retention: 'Retention',
  'legal-hold': 'LegalHold',
  acl: 'Acl',
} as const satisfies Record<ObjectChange['kind'], ChangeOperation>

function applyChange(
  bucket: Bucket,
  target: ObjectVersion,
  options: Parameters<typeof planUpdate>[2],
): ObjectVersion {
  const { change, now, bypassGovernance = false } = options
  switch (change.kind) {
    case 'tags':
      return { ...target, tags: change.tags }
    case 'acl':
      return { ...target, acl: change.acl }
    case 'legal-hold':
      assertObjectLock(bucket)
      return { ...target, legalHold: change.legalHold }
    case 'retention': {
      assertObjectLock(bucket)
      assertRetentionChange(target, change.retention, { now, bypassGovernance })
      const { retention: _, ...rest } = target
      return change.retention === undefined ? rest : { ...rest, retention: change.retention }
    }
  }
}

function assertObjectLock(bucket: Bucket): void {
  if (bucket.objectLock) return
  throw new StorageError(
    'ObjectLockNotEnabled',
    `Bucket "${bucket.name}" has no object lock; switch it on before setting retention or holds.`,
    { details: { bucket: bucket.name } },
  )
}

function versionIdFor(bucket: Bucket, stamp: CommitStamp): string {
  return bucket.versioning === 'enabled' ? stamp.versionId : NULL_VERSION
}

/** A write under the null id replaces what had it, unless that is locked. */
function replacedByNull(state: KeyState, stamp: CommitStamp): readonly VersionEntry[] {
  const { bucket, nullVersion } = state
  if (bucket.versioning === 'enabled' || nullVersion === undefined) return []
  if (!nullVersion.deleteMarker) {
    assertDeletable(nullVersion, { now: stamp.at, bypassGovernance: false })
  }
  return [nullVersion]
}

function previousOf(shown: ObjectVersion | undefined): { readonly previousVersionId?: string } {
  return shown === undefined ? {} : { previousVersionId: shown.versionId }
}

function describe(version: ObjectVersion, operation: ChangeOperation): PlannedChange {
  const { bucket, key, versionId, size, etag, checksum, headers, storageClass, metadata, tags } =
    version
  return {
    operation,
    bucket,
    key,
    versionId,
    size,
    etag,
    storageClass,
    metadata,
    tags,
    ...(checksum === undefined ? {} : { checksum }),
    ...(headers.contentType === undefined ? {} : { contentType: headers.contentType }),
  }
}
