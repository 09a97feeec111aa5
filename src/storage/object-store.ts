/**
 * What a backend implements: a record of small interfaces, so that a wrapper replaces only the
 * parts it changes: `{ ...store, objects: readOnlyObjects(store.objects) }`. The suite in
 * `conformance/` is its executable form; docs/decisions/0003 says what is frozen.
 */
import type { Body, ByteStream } from './body.ts'
import type { ChangeFeed, Origin } from './change-feed.ts'
import type { Checksum, ChecksumType } from './checksum.ts'
import type { Condition, DeleteCondition } from './condition.ts'
import type {
  ContentHeaders,
  ObjectPart,
  ObjectVersion,
  Pairs,
  StorageClass,
  VersionEntry,
} from './object-version.ts'
import type { ByteRange, RangeRequest } from './range.ts'
import type { Retention } from './retention.ts'
import type { DigestAlgorithm } from '../base/digest.ts'

export type ObjectStore = {
  readonly capabilities: StoreCapabilities
  readonly buckets: Buckets
  readonly objects: Objects
  readonly uploads: Uploads
  readonly documents: Documents
  /** Present when several writes can be committed as one. */
  readonly commits?: Commits
  /** Present when the store commits object and change together. */
  readonly changes?: ChangeFeed
  /**
   * Waits for what is under way, then frees everything. Idempotent; afterwards calls throw
   * `Closed`.
   */
  close(): Promise<void>
}

/** What a store can do; what it cannot is refused with `NotSupported`, never ignored. */
export type StoreCapabilities = {
  readonly versions: boolean
  readonly conditionalWrites: boolean
  readonly objectLock: boolean
  readonly atomicCommit: boolean
}

// ---- buckets

export type Versioning = 'unversioned' | 'enabled' | 'suspended'

export type Bucket = {
  readonly name: string
  readonly createdAt: Date
  /** The account that owns it. */
  readonly owner: string
  readonly versioning: Versioning
  /** Fixed when it is switched on; needs versioning enabled, and keeps it so. */
  readonly objectLock: boolean
}

export interface Buckets {
  /** @throws StorageError `BucketAlreadyExists` (details: its owner) */
  create(name: string, options: CreateBucketOptions): Promise<Bucket>
  /** @throws StorageError `NoSuchBucket` */
  get(name: string): Promise<Bucket>
  /** Buckets in name order, a page at a time. */
  list(options: ListBucketsOptions): Promise<BucketPage>
  /** @throws StorageError `NoSuchBucket`, `VersioningLocked` */
  update(name: string, change: BucketChange, options: ChangeOptions): Promise<Bucket>
  /**
   * Removes an empty bucket with its documents and open uploads.
   * @throws StorageError `NoSuchBucket`, `BucketNotEmpty` while any version or marker is in it
   */
  delete(name: string, options: ChangeOptions): Promise<void>
}

export type CreateBucketOptions = ChangeOptions & {
  readonly owner: string
  /** Switches object lock on, and versioning with it. */
  readonly objectLock: boolean
  /** Made in the same commit, so that nobody sees the bucket without them. */
  readonly documents?: readonly NamedContent[]
}

export type BucketChange = {
  readonly versioning?: 'enabled' | 'suspended'
  readonly objectLock?: true
}

export type ListBucketsOptions = {
  readonly owner?: string
  readonly prefix?: string
  /** Gives names after this one. */
  readonly after?: string
  readonly limit: number
}

export type BucketPage = { readonly buckets: readonly Bucket[]; readonly next?: string }

// ---- objects

/** What a caller may say of any change: who makes it, and when to give up. */
export type ChangeOptions = {
  readonly origin: Origin
  readonly signal?: AbortSignal
  /** The bucket that it was allowed in; `NoSuchBucket` when its name is another's at the commit. */
  readonly meantFor?: Pick<Bucket, 'name' | 'owner' | 'createdAt'>
}

export type ObjectName = { readonly bucket: string; readonly key: string }
/** A version of an object; without `versionId`, the one that the key shows. */
export type VersionName = ObjectName & { readonly versionId?: string }

/** What a new version is given beside its bytes. */
export type NewVersion = {
  readonly owner: string
  readonly headers: ContentHeaders
  readonly metadata: Pairs
  readonly tags: Pairs
  readonly storageClass: StorageClass
  readonly acl?: string
  readonly retention?: Retention
  readonly legalHold?: boolean
}

export type PutOptions = ChangeOptions &
  NewVersion & {
    readonly condition?: Condition
    /** What the change is called; a form upload is a `Post`. */
    readonly operation?: 'Put' | 'Post'
  }

export interface Objects {
  /**
   * Stores a body as the newest version of a key, durable and in the feed when it resolves. In a
   * bucket without versioning the version before is gone with the same commit.
   * @throws StorageError `NoSuchBucket`, `PreconditionFailed`, `NoSuchKey` (If-Match), what the
   * body throws
   */
  put(name: ObjectName, body: Body, options: PutOptions): Promise<ObjectVersion>
  /**
   * Opens a version's bytes, or a range or part of them. The caller ends or returns the stream.
   * @throws StorageError `NoSuchKey`, `NoSuchVersion`, `VersionIsDeleteMarker`,
   * `PreconditionFailed`,
   * `NotModified`, `InvalidRange`, `InvalidPartNumber`; the stream throws `Damaged`
   */
  get(name: VersionName, options: GetOptions): Promise<OpenedObject>
  /** What `get` would open, without opening it; a part or range is resolved all the same. */
  head(name: VersionName, options: GetOptions): Promise<FoundObject>
  /** Replaces tags, retention, legal hold or ACL of a version in place. */
  update(name: VersionName, change: ObjectChange, options: UpdateOptions): Promise<ObjectVersion>
  /** Makes a new version with the bytes of another; links them, copies none. */
  copy(source: CopySource, name: ObjectName, options: CopyOptions): Promise<ObjectVersion>
  /**
   * Without a version id: hides the key behind a delete marker where the bucket has versioning,
   * else removes it; a missing key is no error. With one: removes that version for good.
   * @throws StorageError `ObjectLocked`, `PreconditionFailed`
   */
  delete(name: VersionName, options: DeleteOptions): Promise<DeleteOutcome>
  /** What keys show, in UTF-8 byte order. */
  list(bucket: string, options: ListOptions): Promise<ObjectPage>
  /** All versions and markers, by key, then newest first. */
  listVersions(bucket: string, options: ListVersionsOptions): Promise<VersionPage>
}

export type GetOptions = {
  readonly range?: RangeRequest
  /** From 1; excludes `range`. */
  readonly partNumber?: number
  readonly condition?: Condition
  readonly signal?: AbortSignal
}

export type FoundObject = {
  readonly version: ObjectVersion
  readonly range: ByteRange
  /** The parts of a multipart object, in order; empty for one stored in one piece. */
  readonly parts: readonly ObjectPart[]
}

export type OpenedObject = FoundObject & { readonly bytes: ByteStream }

export type ObjectChange =
  | { readonly kind: 'tags'; readonly tags: Pairs }
  | { readonly kind: 'retention'; readonly retention: Retention | undefined }
  | { readonly kind: 'legal-hold'; readonly legalHold: boolean }
  | { readonly kind: 'acl'; readonly acl: string }

export type UpdateOptions = ChangeOptions & { readonly bypassGovernance?: boolean }

export type CopySource = VersionName & { readonly condition?: Condition }

export type CopyOptions = ChangeOptions & {
  readonly owner: string
  readonly condition?: Condition
  /** Replaces what the source has; what is absent is taken from the source. */
  readonly headers?: ContentHeaders
  readonly metadata?: Pairs
  readonly tags?: Pairs
  readonly storageClass: StorageClass
  readonly acl?: string
  /** Never taken from the source. */
  readonly retention?: Retention
  readonly legalHold?: boolean
}

export type DeleteOptions = ChangeOptions & {
  readonly condition?: DeleteCondition
  readonly bypassGovernance?: boolean
}

/** What a delete did. Without `versionId`, nothing that has a version was touched. */
export type DeleteOutcome = {
  /** The marker that was made, or the version that was removed. */
  readonly versionId?: string
  /** Whether that is a delete marker. */
  readonly deleteMarker: boolean
}

// ---- lists

export type ListOptions = {
  readonly prefix?: string
  /**
   * Keys that share what lies between the prefix and the next delimiter become one common prefix.
   */
  readonly delimiter?: string
  /** Gives what sorts after this key; if it is a common prefix, after everything below it. */
  readonly startAfter?: string
  /** Objects and common prefixes together. */
  readonly limit: number
}

export type ObjectPage = {
  readonly objects: readonly ObjectSummary[]
  readonly prefixes: readonly string[]
  /** The last key or prefix given, when more follow: `startAfter` of the next page. */
  readonly next?: string
}

export type ObjectSummary = Pick<
  ObjectVersion,
  'key' | 'versionId' | 'size' | 'etag' | 'modifiedAt' | 'owner' | 'storageClass' | 'checksum'
>

export type ListVersionsOptions = Omit<ListOptions, 'startAfter'> & {
  readonly after?: VersionPosition
}

/** A place in a list of versions: after the whole key, or after one version of it. */
export type VersionPosition = { readonly key: string; readonly versionId?: string }

export type VersionPage = {
  readonly versions: readonly (VersionEntry & { readonly isLatest: boolean })[]
  readonly prefixes: readonly string[]
  readonly next?: VersionPosition
}

// ---- uploads

export type Upload = ObjectName & {
  readonly uploadId: string
  readonly begunAt: Date
  /** Who began it, whoever will own the object. */
  readonly initiator: Pick<Origin, 'account' | 'identity'>
  readonly newVersion: NewVersion
  /** The checksum that every part brings, when the upload asked for one. */
  readonly checksum?: { readonly algorithm: DigestAlgorithm; readonly type: ChecksumType }
}

export type UploadName = ObjectName & { readonly uploadId: string }
export type PartName = UploadName & { readonly partNumber: number }

export type Part = {
  readonly partNumber: number
  readonly size: number
  readonly etag: string
  readonly checksum?: Checksum
  readonly modifiedAt: Date
}

export interface Uploads {
  begin(name: ObjectName, options: BeginUploadOptions): Promise<Upload>
  /** Stores or replaces a part; durable when it resolves. @throws StorageError `NoSuchUpload` */
  putPart(name: PartName, body: Body, options: ChangeOptions): Promise<Part>
  /** Stores a part from an object's bytes; a whole source is linked. */
  copyPart(name: PartName, source: PartSource, options: ChangeOptions): Promise<Part>
  listParts(name: UploadName, options: ListPartsOptions): Promise<PartPage>
  /**
   * Makes the named parts, in rising order, the newest version of the key, in one commit. Repeating
   * a completed call gives the same version again, for at least a day.
   * @throws StorageError `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`, `PartTooSmall`,
   * `PreconditionFailed`, `BadChecksum`
   */
  complete(
    name: UploadName,
    parts: readonly PartReference[],
    options: CompleteOptions,
  ): Promise<ObjectVersion>
  /** Forgets the upload and its parts. @throws StorageError `NoSuchUpload` */
  abort(name: UploadName, options: ChangeOptions): Promise<void>
  list(bucket: string, options: ListUploadsOptions): Promise<UploadPage>
}

export type BeginUploadOptions = ChangeOptions & NewVersion & Pick<Upload, 'checksum'>

export type PartSource = CopySource & { readonly range?: ByteRange }

export type PartReference = {
  readonly partNumber: number
  readonly etag: string
  readonly checksum?: string
}

export type CompleteOptions = ChangeOptions & {
  readonly condition?: Condition
  /** What the caller computed over the whole; compared before the commit. */
  readonly checksum?: string
  readonly size?: number
}

export type ListPartsOptions = { readonly after?: number; readonly limit: number }
export type PartPage = {
  readonly upload: Upload
  readonly parts: readonly Part[]
  readonly next?: number
}

export type ListUploadsOptions = {
  readonly prefix?: string
  readonly delimiter?: string
  readonly after?: { readonly key: string; readonly uploadId?: string }
  readonly limit: number
}

export type UploadPage = {
  readonly uploads: readonly Upload[]
  readonly prefixes: readonly string[]
  readonly next?: { readonly key: string; readonly uploadId?: string }
}

// ---- documents

/** A small named text kept beside a bucket (policy, CORS …), opaque to stores. */
export type StoredDocument = {
  readonly name: string
  readonly content: string
  readonly modifiedAt: Date
}

export interface Documents {
  find(bucket: string, name: string): Promise<StoredDocument | undefined>
  put(bucket: string, document: NamedContent, options: ChangeOptions): Promise<StoredDocument>
  /** A missing document is no error, and no change. */
  delete(bucket: string, name: string, options: ChangeOptions): Promise<void>
  list(bucket: string): Promise<readonly StoredDocument[]>
}

export type NamedContent = Pick<StoredDocument, 'name' | 'content'>

// ---- commits of many

export interface Commits {
  /**
   * Stores a body durably under no name. It becomes visible by one `commit`; until then it can be
   * discarded, and a restart forgets it.
   */
  prepare(bucket: string, body: Body, options: ChangeOptions): Promise<PreparedBody>
  discard(prepared: PreparedBody): Promise<void>
  /**
   * Carries out all writes or none, in order, in one commit; each has its own entry in the feed.
   * @throws StorageError `TooManyWrites`, or whatever the first refused write would throw
   */
  commit(writes: readonly Write[], options: ChangeOptions): Promise<readonly WriteOutcome[]>
}

/** A body that lies in the store and waits for its name. */
export type PreparedBody = {
  readonly bucket: string
  readonly id: string
  readonly digest: ReturnType<Body['digest']>
}

export type Write =
  | ({ readonly kind: 'put'; readonly name: ObjectName; readonly body: PreparedBody } & {
      readonly options: Omit<PutOptions, keyof ChangeOptions>
    })
  | ({ readonly kind: 'copy'; readonly source: CopySource; readonly name: ObjectName } & {
      readonly options: Omit<CopyOptions, keyof ChangeOptions>
    })
  | ({ readonly kind: 'update'; readonly name: VersionName; readonly change: ObjectChange } & {
      readonly options: Omit<UpdateOptions, keyof ChangeOptions>
    })
  | ({ readonly kind: 'delete'; readonly name: VersionName } & {
      readonly options: Omit<DeleteOptions, keyof ChangeOptions>
    })

export type WriteOutcome =
  | { readonly kind: 'version'; readonly version: ObjectVersion }
  | { readonly kind: 'delete'; readonly outcome: DeleteOutcome }
