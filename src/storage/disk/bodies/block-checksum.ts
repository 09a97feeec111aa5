// Every 64 KiB of a body have a CRC32C that also covers which body and which block they are, so
// that right bytes in the wrong place are damage too. Normative: docs/formats/bodies.md
import { crc32c } from '@node-rs/crc32'
import type { BodyId } from './bodies.ts'

export const BLOCK_BYTES = 65_536
export const CHECKSUM_BYTES = 4

const SEED_BYTES = 16

export function blockCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES)
}

/** The checksum of one block: CRC32C of body id, block number and bytes. */
export function blockChecksum(id: BodyId, block: number, bytes: Uint8Array): number {
  const seed = Buffer.allocUnsafe(SEED_BYTES)
  seed.writeBigUInt64BE(id, 0)
  seed.writeBigUInt64BE(BigInt(block), 8)
  return crc32c(bytes, crc32c(seed))
}

/** The table of the blocks in `bytes`, the first of which has the number `firstBlock`. */
export function checksumTable(id: BodyId, firstBlock: number, bytes: Uint8Array): Buffer {
  const blocks = blockCount(bytes.length)
  const table = Buffer.allocUnsafe(blocks * CHECKSUM_BYTES)
  for (let at = 0; at < blocks; at++) {
    const block = bytes.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES)
    table.writeUInt32BE(blockChecksum(id, firstBlock + at, block), at * CHECKSUM_BYTES)
  }
  return table
}

/** The number of the first block in `bytes` that its `table` does not confirm. */
export function findDamagedBlock(
  id: BodyId,
  firstBlock: number,
  checked: { readonly bytes: Uint8Array; readonly table: Buffer },
): number | undefined {
  const blocks = blockCount(checked.bytes.length)
  for (let at = 0; at < blocks; at++) {
    const block = checked.bytes.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES)
    const expected = checked.table.readUInt32BE(at * CHECKSUM_BYTES)
    if (blockChecksum(id, firstBlock + at, block) !== expected) return firstBlock + at
  }
  return undefined
}
