// Disks that fail while the store runs: a flush or a write that errs, no space left, a volume
// turned read-only. In each case: a clear error at once, reads go on, and after a restart
// everything acknowledged is there.
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { inspect } from 'node:util'
import { checkLedger } from '../load/check-ledger.ts'
import { createLedger } from '../load/ledger.ts'
import type { Ledger } from '../load/ledger.ts'
import { prepareBuckets, runMixedLoad } from '../load/mixed-load.ts'
import {
  S3Refusal,
  beginUpload,
  createBucket,
  deleteObject,
  getObject,
  putObject,
} from '../load/s3-calls.ts'
import type { S3Client } from '../load/s3-client.ts'
import { ServerDidNotStart } from '../load/server-process.ts'
import type { ServerProcess } from '../load/server-process.ts'
import type { Fault } from './faults-of-a-disk.ts'
import { storeFolder } from './recording.ts'
import { makeImage, makeWorkFolder, mountImage, mountRecorded, runProgram } from './volume.ts'
import { withServer } from './with-server.ts'

export type FaultResult = {
  readonly name: string
  /** Empty when the store did as it promises. */
  readonly problems: readonly string[]
  /** What the store answered, for the report. */
  readonly answers: readonly string[]
}

type Scenario = {
  readonly name: string
  readonly run: (trial: Trial) => Promise<void>
}

type Trial = {
  readonly main: string
  readonly seed: number
  readonly folder: string
  readonly problems: string[]
  readonly answers: string[]
}

const MIB = 1024 * 1024
const STATES = 150
const WORKERS = 4
const SMALL_VOLUME_SIZE = 256 * MIB
const FILLER_SIZE = 4 * MIB
const MAX_FILLERS = 100

const SCENARIOS: readonly Scenario[] = [
  { name: 'flush fails', run: (trial) => failDisk(trial, 'flush-error') },
  { name: 'writes fail', run: (trial) => failDisk(trial, 'write-error') },
  { name: 'the disk below has no space', run: (trial) => failDisk(trial, 'no-space') },
  { name: 'the volume is full', run: fillVolume },
  { name: 'the volume turns read-only', run: turnReadOnly },
]

/** Runs every scenario, one after the other. */
export async function runFaults(main: string, seed: number): Promise<readonly FaultResult[]> {
  const results: FaultResult[] = []
  for (const { name, run } of SCENARIOS) {
    const work = await makeWorkFolder()
    const trial: Trial = { main, seed, folder: work.path, problems: [], answers: [] }
    try {
      await run(trial)
    } catch (cause) {
      trial.problems.push(`the trial broke off: ${inspect(cause)}`)
    }
    results.push({ name, problems: trial.problems, answers: trial.answers })
    await work.remove()
  }
  return results
}

// ---- a device that errs

async function failDisk(trial: Trial, fault: Fault): Promise<void> {
  const ledger = createLedger(countUp())
  const volume = await mountRecorded(trial.folder)
  try {
    await withServer({ main: trial.main, folder: storeFolder(volume) }, async ({ server }) => {
      await loadSome(trial, { server, ledger })
      volume.setFault(fault)
      await expectRefusals(trial, server.client)
      await expectNoChange(trial, { server, ledger })
      volume.setFault('none')
      // Nobody knows which pages a failed flush left dirty: only a restart may write again.
      if (fault !== 'no-space') {
        await expectRefusals(trial, server.client)
        await expectNoChange(trial, { server, ledger })
      } else await loadMore(trial, { server, ledger })
      await expectLedger(trial, { server, ledger, when: 'after the fault' })
    })
  } finally {
    volume.setFault('none')
    await volume.unmount()
  }
  const again = await mountImage(volume.image, { folder: join(trial.folder, 'again') })
  try {
    await reopen(trial, { folder: storeFolder(again), ledger })
  } finally {
    await again.unmount()
  }
}

// ---- a volume without space

async function fillVolume(trial: Trial): Promise<void> {
  const ledger = createLedger(countUp())
  const image = join(trial.folder, 'small')
  await makeImage(image, SMALL_VOLUME_SIZE)
  const volume = await mountImage(image, { folder: join(trial.folder, 'volume') })
  try {
    await withServer({ main: trial.main, folder: storeFolder(volume) }, async ({ server }) => {
      await loadSome(trial, { server, ledger })
      const fillers = await fill(trial, server.client)
      await expectRefusals(trial, server.client, [FILLER_SIZE])
      await expectLedger(trial, { server, ledger, when: 'on the full volume' })
      for (const key of fillers) await deleteFiller(trial, { client: server.client, key })
      await expectSuccess(trial, server.client, 'after deletes made room')
    })
    await reopen(trial, { folder: storeFolder(volume), ledger })
  } finally {
    await volume.unmount()
  }
}

/** Puts until one is refused. The fillers lie in no ledger, so they are taken away again. */
async function fill(trial: Trial, client: S3Client): Promise<readonly string[]> {
  const fillers: string[] = []
  for (let count = 0; count < MAX_FILLERS; count += 1) {
    const key = `filler-${count}`
    const refusal = await tryPut(client, { key, size: FILLER_SIZE })
    if (refusal !== undefined) return fillers
    fillers.push(key)
  }
  trial.problems.push(`${MAX_FILLERS * FILLER_SIZE} bytes went into ${SMALL_VOLUME_SIZE}`)
  return fillers
}

async function deleteFiller(
  trial: Trial,
  { client, key }: { readonly client: S3Client; readonly key: string },
): Promise<void> {
  const address = { bucket: FILLER_BUCKET, key }
  try {
    await deleteObject(client, address)
    const { status } = await getObject(client, address)
    if (status !== 404) trial.problems.push(`${key} was deleted and answers ${status}`)
  } catch (cause) {
    trial.problems.push(`DELETE does not work: ${String(cause)}`)
  }
}

// ---- a volume that may not be written

async function turnReadOnly(trial: Trial): Promise<void> {
  const ledger = createLedger(countUp())
  const image = join(trial.folder, 'image')
  await makeImage(image)
  const folder = join(trial.folder, 'volume')
  const volume = await mountImage(image, { folder, options: ['errors=remount-ro'] })
  try {
    await withServer({ main: trial.main, folder: storeFolder(volume) }, async ({ server }) => {
      await loadSome(trial, { server, ledger })
      await reportErrorOf(folder)
      await expectRefusals(trial, server.client)
      await expectLedger(trial, { server, ledger, when: 'on the read-only volume' })
    })
  } finally {
    await volume.unmount()
  }
  await runProgram('e2fsck', ['-p', '-f', image]).catch(() => undefined)
  await startReadOnly(trial, { image, folder })
  const again = await mountImage(image, { folder })
  try {
    await reopen(trial, { folder: storeFolder(again), ledger })
  } finally {
    await again.unmount()
  }
}

/**
 * Makes ext4 believe that it found an error, whereupon it refuses all writes, open files or not.
 */
async function reportErrorOf(folder: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const device = mounts
    .split('\n')
    .find((line) => line.split(' ')[1] === folder)
    ?.split(' ')[0]
  await writeFile(`/sys/fs/ext4/${basename(device ?? '')}/trigger_fs_error`, 'power test')
}

/** A store on a read-only volume either says why it does not start, or serves reads. */
async function startReadOnly(
  trial: Trial,
  { image, folder }: { readonly image: string; readonly folder: string },
): Promise<void> {
  const volume = await mountImage(image, { folder, options: ['ro'] })
  try {
    const options = { main: trial.main, folder: storeFolder(volume) }
    await withServer(options, ({ server }) => expectRefusals(trial, server.client))
  } catch (cause) {
    if (!(cause instanceof ServerDidNotStart)) throw cause
    trial.answers.push(cause.message)
    if (!/read-only/i.test(cause.message)) trial.problems.push('it did not say "read-only"')
  } finally {
    await volume.unmount()
  }
}

// ---- what every scenario does

const FILLER_BUCKET = 'plain'

function countUp(): () => number {
  let count = 0
  return () => (count += 1)
}

type Loaded = { readonly server: ServerProcess; readonly ledger: Ledger }

async function loadSome({ seed }: Trial, { server: { client }, ledger }: Loaded): Promise<void> {
  await prepareBuckets(client, ledger)
  const { refusals } = await runMixedLoad({
    client,
    ledger,
    seed,
    workers: WORKERS,
    states: STATES,
  })
  if (refusals[0] !== undefined) throw refusals[0]
}

/** Whether these are acknowledged or refused, what the ledger says must hold. */
async function loadMore({ seed }: Trial, { server: { client }, ledger }: Loaded): Promise<void> {
  await runMixedLoad({ client, ledger, seed: seed + 1, workers: WORKERS, states: STATES })
}

/** Puts of every size class must be refused with a sentence, and must leave nothing behind. */
async function expectRefusals(
  trial: Trial,
  client: S3Client,
  sizes: readonly number[] = [100, 50_000, MIB],
): Promise<void> {
  for (const size of sizes) {
    const key = `refused-${size}`
    const refusal = await tryPut(client, { key, size })
    if (refusal === undefined) {
      trial.problems.push(`a put of ${size} bytes was acknowledged`)
      continue
    }
    trial.answers.push(refusal.message)
    const isClear = refusal.code !== 'InternalError' && refusal.code !== 'NoCode'
    if (!isClear)
      trial.problems.push(`a put of ${size} bytes got no clear error: ${refusal.message}`)
    const { status } = await getObject(client, { bucket: FILLER_BUCKET, key })
    if (status !== 404) trial.problems.push(`${key} answers ${status} after its refusal`)
  }
}

/** Writes without a body must be refused as well, and what they would have changed stays. */
async function expectNoChange(trial: Trial, { server: { client }, ledger }: Loaded): Promise<void> {
  const existing = ledger.histories.values().find((history) => {
    return history.bucket === FILLER_BUCKET && history.entries.at(-1)?.act === 'put'
  })
  const address = existing ?? { bucket: FILLER_BUCKET, key: 'none' }
  const writes = {
    CreateBucket: () => createBucket(client, 'refused-bucket'),
    CreateMultipartUpload: () => beginUpload(client, { bucket: FILLER_BUCKET, key: 'refused' }),
    DeleteObject: () => deleteObject(client, address),
  }
  for (const [name, write] of Object.entries(writes)) {
    try {
      await write()
      trial.problems.push(`${name} was acknowledged`)
    } catch (cause) {
      if (!(cause instanceof S3Refusal)) throw cause
    }
  }
}

async function expectSuccess(trial: Trial, client: S3Client, when: string): Promise<void> {
  const key = 'accepted'
  const refusal = await tryPut(client, { key, size: 50_000 })
  if (refusal !== undefined) trial.problems.push(`a put ${when}: ${refusal.message}`)
  else await deleteObject(client, { bucket: FILLER_BUCKET, key })
}

async function tryPut(
  client: S3Client,
  { key, size }: { readonly key: string; readonly size: number },
): Promise<S3Refusal | undefined> {
  try {
    await putObject(client, { bucket: FILLER_BUCKET, key, body: Buffer.alloc(size, 1) })
    return undefined
  } catch (cause) {
    if (cause instanceof S3Refusal) return cause
    throw cause
  }
}

async function reopen(
  trial: Trial,
  { folder, ledger }: { readonly folder: string; readonly ledger: Ledger },
): Promise<void> {
  await withServer({ main: trial.main, folder }, async ({ server }) => {
    await expectLedger(trial, { server, ledger, when: 'after the restart' })
    await expectSuccess(trial, server.client, 'after the restart')
  })
}

async function expectLedger(
  trial: Trial,
  { server, ledger, when }: Loaded & { readonly when: string },
): Promise<void> {
  const { findings } = await checkLedger({ client: server.client, ledger })
  for (const { kind, name, detail } of findings.filter(({ name: key }) => !isOurs(key))) {
    trial.problems.push(`${when}: ${kind} ${name}: ${detail}`)
  }
}

/** Fillers and refused puts stand beside the ledger. */
function isOurs(name: string): boolean {
  return /^plain\/(filler|refused|accepted)/.test(name)
}
