import { type Disk, type FileMode, isErrno } from './disk.ts'
import { segmentPath } from './paths.ts'

/** Open segments. A bounded number stays open between uses. */
export interface SegmentFiles {
  /** The segment, open until it is released. */
  hold(segment: number): Promise<{ readonly fd: number; release(): Promise<void> }>
  /** Runs `act` with the segment open. */
  use<Value>(segment: number, act: (fd: number) => Promise<Value>): Promise<Value>
  /** Makes a new segment's file; its name is not yet durable. */
  create(segment: number): Promise<void>
  /** Closes a segment as soon as nobody uses it: it was deleted. */
  forget(segment: number): Promise<void>
  /** Deletes a segment; who still uses it reads on to the end. One that is missing is no error. */
  remove(segment: number): Promise<void>
  close(): Promise<void>
}

export type SegmentFilesOptions = {
  readonly folder: string
  readonly disk: Disk
  /** How many segments stay open. */
  readonly openLimit: number
  /** Given where nothing is written, so that a disk that takes no writes can still be read. */
  readonly mode?: 'read'
}

type OpenSegment = { readonly fd: Promise<number>; users: number; forgotten: boolean }

export function createSegmentFiles(options: SegmentFilesOptions): SegmentFiles {
  const { folder, disk, openLimit, mode: openMode = 'read-write' } = options
  // A Map keeps the order of insertion: the least recently used comes first.
  const opened = new Map<number, OpenSegment>()

  const open = (segment: number, mode: FileMode): OpenSegment => {
    const fd = disk.files.open(segmentPath(folder, segment), mode)
    const entry = { fd, users: 0, forgotten: false }
    opened.set(segment, entry)
    fd.catch(() => {
      if (opened.get(segment) === entry) opened.delete(segment)
    })
    return entry
  }
  const take = (segment: number): OpenSegment => {
    const entry = opened.get(segment) ?? open(segment, openMode)
    opened.delete(segment)
    opened.set(segment, entry)
    entry.users++
    return entry
  }
  const leave = async (entry: OpenSegment): Promise<void> => {
    entry.users--
    if (entry.forgotten && entry.users === 0) await closeQuietly(entry)
    if (opened.size <= openLimit) return
    for (const [segment, idle] of opened) {
      if (idle.users > 0) continue
      opened.delete(segment)
      await closeQuietly(idle)
      return
    }
  }
  const closeQuietly = async (entry: OpenSegment): Promise<void> => {
    const fd = await entry.fd.catch(() => undefined)
    // Nothing unsynced is behind it that anyone was promised.
    if (fd !== undefined) await disk.files.close(fd).catch(() => undefined)
  }
  const forget = async (segment: number): Promise<void> => {
    const entry = opened.get(segment)
    if (entry === undefined) return
    opened.delete(segment)
    entry.forgotten = true
    if (entry.users === 0) await closeQuietly(entry)
  }
  const hold: SegmentFiles['hold'] = async (segment) => {
    const entry = take(segment)
    const release = (): Promise<void> => leave(entry)
    try {
      return { fd: await entry.fd, release }
    } catch (error) {
      await release()
      throw error
    }
  }
  return {
    hold,
    async use(segment, act) {
      const held = await hold(segment)
      try {
        return await act(held.fd)
      } finally {
        await held.release()
      }
    },
    async create(segment) {
      await open(segment, 'create').fd
    },
    forget,
    async remove(segment) {
      await forget(segment)
      await disk.folders.removeFile(segmentPath(folder, segment)).catch((error: unknown) => {
        if (!isErrno(error, 'ENOENT')) throw error
      })
    },
    async close() {
      await Promise.all([...opened.keys()].map(forget))
    },
  }
}
