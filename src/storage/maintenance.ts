/**
 * What keeps a store well over the years, beside reading and writing. The admin protocol and the
 * CLI call it; a store that keeps its bytes somewhere else has none.
 */
import type { VersionName } from './object-store.ts'

/** Work on a running store. Writes and reads go on meanwhile. */
export interface Maintenance {
  /**
   * Reads everything that is stored, compares it with its checksums and with one another, and tells
   * what is wrong, last of all a summary. Changes and deletes nothing.
   */
  scrub(options?: UpkeepOptions): AsyncIterable<ScrubEvent>
  /** Gives the space of what was deleted back to the disk. */
  compact(options?: UpkeepOptions): Promise<CompactionReport>
  /**
   * Makes a copy of the whole store, as it is at one moment, in an empty folder; everything in it
   * is durable when it resolves. @throws StorageError `InvalidArgument` when the folder is not
   * empty
   */
  backup(folder: string, options?: BackupOptions): Promise<BackupReport>
  /** Gives what the store is, and as much of what it holds as is known without counting. */
  describe(): Promise<StoreDescription>
}

export type UpkeepOptions = {
  readonly signal?: AbortSignal
  /** What is read and written at most; a default that leaves room for requests when absent. */
  readonly bytesPerSecond?: number
}

export type StoreDescription = {
  /** Given once, when the folder became a store. */
  readonly storeId: string
  readonly folder: string
  /** The file system that holds the folder. Below the reserve, new data is refused. */
  readonly disk: {
    readonly sizeBytes: number
    readonly freeBytes: number
    readonly reserveBytes: number
  }
  /** Names, metadata and small bodies. */
  readonly catalogBytes: number
  /** Keys that show an object, and versions in all, with those and with delete markers. */
  readonly objects: number
  readonly versions: number
  /** What is not alive waits for compaction. */
  readonly segments: {
    readonly count: number
    readonly totalBytes: number
    readonly liveBytes: number
    readonly isCompacting: boolean
  }
}

// ---- scrub

export type ScrubEvent =
  | ({ readonly event: 'finding' } & Finding)
  | ({ readonly event: 'summary' } & ScrubSummary)

/** Something that is not as it should be. */
export type Finding = {
  readonly kind: FindingKind
  /** What it is and what to do, in a sentence. */
  readonly message: string
  /** The versions whose bytes it concerns. */
  readonly objects: readonly VersionName[]
  /** The number of the body, in hex. */
  readonly body?: string
}

/**
 * The first three are damage; `bytes` are also those of a record. `count`: the catalog counts
 * wrongly, which no reader notices; `leftover`: space that nothing names, which a compaction or a
 * restart gives back.
 */
export type FindingKind = 'row' | 'bytes' | 'missing' | 'count' | 'leftover'

export type ScrubSummary = {
  readonly versions: number
  readonly bodies: number
  readonly bytes: number
  /** Findings of each kind; kinds that were not found are absent. */
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>
  readonly seconds: number
}

// ---- compact

export type CompactionReport = {
  readonly segmentsRemoved: number
  readonly bytesMoved: number
  readonly bytesFreed: number
  /** Segments as they are afterwards. */
  readonly totalBytes: number
  readonly liveBytes: number
}

// ---- backup and restore

export type BackupOptions = UpkeepOptions & { readonly companions?: readonly Companion[] }

/** Something in the store's folder that is not the store's, and that a backup takes along. */
export interface Companion {
  /** Its name in the folder. */
  readonly name: 'tables.sqlite'
  /** A file holds it as it is at one moment, durably. There is no such file yet. */
  copyTo(path: string): Promise<void>
}

export type BackupReport = {
  readonly files: number
  readonly bytes: number
  /** How many of the files share their bytes with the store, since both are on one disk. */
  readonly linkedFiles: number
}

export type RestoreReport = { readonly files: number; readonly bytes: number }

// ---- repair

/** What a repair brought back, and what it could not prove; nothing is guessed. */
export type RepairReport = {
  readonly buckets: number
  readonly versions: number
  readonly uploads: number
  /** What was taken from the backup alone. */
  readonly fromBackup: number
  readonly unproved: readonly Unproved[]
}

/** Something that may have been there, or may have been otherwise. */
export type Unproved = {
  readonly message: string
  readonly name?: VersionName
}
