import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BodyRecord, DiskBodies, StoredBody } from '../bodies/bodies.ts'
import type { FoundBodies } from './scan-bodies.ts'
import { readRecord } from './read-record.ts'
import { countNames, type RepairModel } from './repair-model.ts'

const UNCLAIMED_FOLDER = 'unclaimed'

/** Bodies that no version or upload needs are moved out of the store's way, never deleted. */
export type Unclaimed = {
  readonly folder: string
  /** Has its own bodies below the folder. */
  readonly open: (folder: string) => Promise<DiskBodies>
}

/**
 * Copies what nothing claims into a folder of its own and names it. Gives what then frees its
 * place.
 */
export async function setAside(
  model: RepairModel,
  found: FoundBodies,
  work: Unclaimed & { readonly bodies: DiskBodies },
): Promise<() => Promise<void>> {
  const counts = countNames(model)
  const left = [...found.alive].filter(([id, { manifest }]) => !manifest && !counts.has(id))
  if (left.length === 0) return async () => undefined
  const folder = join(work.folder, UNCLAIMED_FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const target = await work.open(folder)
  try {
    for (const [id, { stored, record }] of left) {
      const message = `${describe(record)} It lies as body ${id.toString(16)} in ${folder}.`
      model.unproved.push({ message })
      await copyBody(work.bodies, target, { stored, record })
      model.bodies.delete(id)
    }
  } finally {
    await target.close()
  }
  return async () => {
    for (const [id, { stored }] of left) await work.bodies.release(id, stored.place)
  }
}

async function copyBody(
  from: DiskBodies,
  to: DiskBodies,
  {
    stored,
    record = {},
  }: { readonly stored: StoredBody; readonly record?: BodyRecord | undefined },
): Promise<void> {
  const { id, size } = stored
  const bytes = from.read(stored, { start: 0, end: size })
  const digest = { size, md5: '', checksum: undefined }
  const written = await to.write(id, { bytes, size, digest: () => digest })
  await written.seal(record)
}

function describe(record: BodyRecord | undefined): string {
  const read = record && readRecord(record)
  if (read === undefined) return 'Nothing says what these bytes are.'
  switch (read.kind) {
    case 'version': {
      const { bucket, key } = read.entry
      return `Bytes of "${key}" in ${bucket} were replaced by later ones, or never became a version.`
    }
    case 'part': {
      const { uploadId, part, key, bucket } = read
      return (
        `Part ${part.partNumber} of the upload ${uploadId} of "${key}" in ${bucket} is there, but ` +
        'not the upload: it was open when the catalog was lost, or is over.'
      )
    }
    case 'prepared':
      return `Bytes for bucket ${read.bucket} waited for a commit, which is not known.`
  }
}
