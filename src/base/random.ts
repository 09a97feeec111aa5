import { randomFillSync } from 'node:crypto'

/** Where randomness comes from. Whoever needs it receives one, so tests can repeat it. */
export interface Random {
  /** Fresh bytes that belong to the caller. */
  bytes(size: number): Uint8Array
  /** `size` random bytes as lower-case hex: twice as many characters. */
  hex(size: number): string
}

const POOL_SIZE_BYTES = 4096

/**
 * Cryptographically strong. Small requests are served from a pool: one system call for hundreds.
 */
export const systemRandom: Random = createSystemRandom()

function createSystemRandom(): Random {
  const pool = Buffer.allocUnsafeSlow(POOL_SIZE_BYTES)
  let used = POOL_SIZE_BYTES
  const take = (size: number): Buffer => {
    if (size > POOL_SIZE_BYTES) return randomFillSync(Buffer.allocUnsafe(size))
    if (used + size > POOL_SIZE_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    used += size
    return pool.subarray(used - size, used)
  }
  return {
    bytes: (size) => Uint8Array.from(take(size)),
    hex: (size) => take(size).toString('hex'),
  }
}

/**
 * The same bytes for the same seed: for tests, never for secrets.
 * @see https://prng.di.unimi.it/splitmix64.c
 */
export function createSeededRandom(seed: number): Random {
  let state = BigInt(seed)
  const next = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = state
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return mixed ^ (mixed >> 31n)
  }
  const bytes = (size: number): Uint8Array => {
    const words = new BigUint64Array(Math.ceil(size / 8)).map(next)
    return new Uint8Array(words.buffer, 0, size)
  }
  return { bytes, hex: (size) => Buffer.from(bytes(size)).toString('hex') }
}
