/**
 * Memory that is used again and again. A buffer that was given back may not be touched any more.
 */
export interface BufferPool {
  /** A buffer of at least `sizeBytes`, with anything in it. */
  take(sizeBytes: number): Buffer
  give(buffer: Buffer): void
  /**
   * Whether so much is in use that whoever may hold its buffer for long takes a small one. Slow
   * clients are never refused for it, and fast ones only read and write in smaller pieces.
   */
  isTight(): boolean
}

export type BufferPoolOptions = {
  /** What idle buffers may hold together; more is left to the garbage collector. */
  readonly idleBytes: number
  /** What buffers in use may hold together until the pool is tight. */
  readonly busyBytes?: number
  /** Overwrites what is given back, so that a test sees whoever still reads it. */
  readonly poison?: boolean
}

const SMALLEST_BYTES = 8192
const BUSY_BYTES = 128 * 1024 * 1024
const POISON = 0xdd

/** Buffers come in powers of two, so few sizes serve all. */
export function createBufferPool(options: BufferPoolOptions): BufferPool {
  const { idleBytes, busyBytes = BUSY_BYTES, poison = false } = options
  const idleBySize = new Map<number, Buffer[]>()
  let heldBytes = 0
  let usedBytes = 0
  return {
    take(sizeBytes) {
      const size = Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(Math.max(1, sizeBytes))))
      usedBytes += size
      const buffer = idleBySize.get(size)?.pop()
      if (buffer === undefined) return Buffer.allocUnsafeSlow(size)
      heldBytes -= size
      return buffer
    },
    give(buffer) {
      if (poison) buffer.fill(POISON)
      usedBytes -= buffer.length
      if (heldBytes + buffer.length > idleBytes) return
      const idle = idleBySize.get(buffer.length)
      if (idle === undefined) idleBySize.set(buffer.length, [buffer])
      else idle.push(buffer)
      heldBytes += buffer.length
    },
    isTight: () => usedBytes >= busyBytes,
  }
}
