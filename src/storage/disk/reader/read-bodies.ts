import type { Bodies, BodyId, BodyPlace } from '../bodies/bodies.ts'
import { createBufferPool } from '../bodies/buffer-pool.ts'
import { createByteStream } from '../bodies/byte-stream.ts'
import { systemDisk } from '../bodies/disk.ts'
import { sourceOf } from '../bodies/open-bodies.ts'
import { createSegmentFiles } from '../bodies/segment-files.ts'

/** Bodies that another thread writes. */
export type ReadBodies = Pick<Bodies, 'read' | 'close'> & {
  /** A segment was deleted: its file is not kept open. */
  forget(segment: number): Promise<void>
}

export type ReadBodiesOptions = {
  readonly folder: string
  /** Where a body lies now, for a reader that kept a place from before a compaction. */
  readonly locate: (id: BodyId) => BodyPlace | undefined
}

const OPEN_SEGMENTS = 64
const IDLE_BUFFER_BYTES = 16 * 1024 * 1024

/** Bodies below a store's folder can be read; nothing is made or changed there. */
export function openReadBodies({ folder, locate }: ReadBodiesOptions): ReadBodies {
  const segments = createSegmentFiles({
    folder,
    disk: systemDisk,
    openLimit: OPEN_SEGMENTS,
    mode: 'read',
  })
  const pool = createBufferPool({ idleBytes: IDLE_BUFFER_BYTES })
  const reading = { folder, disk: systemDisk, pool, locate, segments }
  return {
    read: (body, range) => createByteStream(sourceOf(body, range, reading)),
    forget: (segment) => segments.forget(segment),
    close: () => segments.close(),
  }
}
