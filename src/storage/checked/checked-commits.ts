import { openBody, type IncomingBytes } from '../incoming-bytes.ts'
import { LIMITS } from '../limits.ts'
import { assertKey } from '../names.ts'
import type { ChangeOptions, Commits, ObjectStore, PreparedBody, Write } from '../object-store.ts'
import { assertNewVersion } from './check-arguments.ts'
import { assertSupported } from './check-capabilities.ts'
import { assertChange } from './checked-objects.ts'
import type { ResolveRetention } from './default-retention.ts'

/** `Commits` for everyone above storage: bodies come with what their sender says of them. */
export interface StorageCommits extends Omit<Commits, 'prepare'> {
  prepare(bucket: string, incoming: IncomingBytes, options: ChangeOptions): Promise<PreparedBody>
}

/** The store's commits, if it has them, behind the checks that are the same for every store. */
export function checkCommits(
  { commits, capabilities }: ObjectStore,
  resolveRetention: ResolveRetention,
): StorageCommits | undefined {
  return (
    commits && {
      async prepare(bucket, incoming, options) {
        return commits.prepare(bucket, openBody(incoming, { maxBytes: LIMITS.putBytes }), options)
      },
      discard: (prepared) => commits.discard(prepared),
      async commit(writes, options) {
        const checked = writes.map(async (write) => {
          assertKey(write.name.key)
          assertSupported(capabilities, write.options)
          if (write.kind === 'update') assertChange(capabilities, write.change)
          return completeWrite(write, resolveRetention)
        })
        return commits.commit(await Promise.all(checked), options)
      },
    }
  )
}

async function completeWrite(write: Write, resolveRetention: ResolveRetention): Promise<Write> {
  switch (write.kind) {
    case 'put':
      assertNewVersion(write.options)
      return { ...write, options: await resolveRetention(write.name.bucket, write.options) }
    case 'copy':
      assertKey(write.source.key)
      assertNewVersion(write.options)
      return { ...write, options: await resolveRetention(write.name.bucket, write.options) }
    case 'update':
    case 'delete':
      return write
  }
}
