// Buffers in which bodies cross to another thread. They come back, and any body fills them again.

/** What travels at once; a slow sender holds one of them. */
const CHUNK_BYTES = 262_144
/** The same from `BUSY_BYTES` under way on, so that many slow senders do not fill the memory. */
const SMALL_CHUNK_BYTES = 65_536
const BUSY_BYTES = 64 * 1024 * 1024
const IDLE_BYTES = 16 * 1024 * 1024

/** The buffers of one body. */
export type ChunkBuffers = {
  take(): ArrayBuffer
  /** One that was taken has come back. */
  give(buffer: ArrayBuffer): void
  /** What has not come back does not come any more, and what is taken later does not count. */
  close(): void
}

/** What the bodies of a thread have in common. */
export type ChunkPool = {
  open(): ChunkBuffers
  /** Bytes that were taken and have not come back. */
  usedBytes(): number
}

export function createChunkPool(): ChunkPool {
  const idle: ArrayBuffer[] = []
  let usedBytes = 0
  const takeAny = (): ArrayBuffer => {
    if (usedBytes >= BUSY_BYTES) return new ArrayBuffer(SMALL_CHUNK_BYTES)
    return idle.pop() ?? new ArrayBuffer(CHUNK_BYTES)
  }
  const keep = (buffer: ArrayBuffer): void => {
    const isWanted = buffer.byteLength === CHUNK_BYTES && idle.length * CHUNK_BYTES < IDLE_BYTES
    if (isWanted) idle.push(buffer)
  }
  return {
    usedBytes: () => usedBytes,
    open() {
      let takenBytes = 0
      let isClosed = false
      const note = (bytes: number): void => {
        if (isClosed) return
        takenBytes += bytes
        usedBytes += bytes
      }
      return {
        take() {
          const buffer = takeAny()
          note(buffer.byteLength)
          return buffer
        },
        give(buffer) {
          note(-buffer.byteLength)
          keep(buffer)
        },
        close() {
          note(-takenBytes)
          isClosed = true
        },
      }
    },
  }
}
