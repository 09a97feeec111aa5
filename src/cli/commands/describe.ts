import { X509Certificate } from 'node:crypto'
import { Command } from 'commander'
import { findAddress } from '../../app/address-file.ts'
import { readConfiguration } from '../../app/config.ts'
import type { AsJson, ServerAnswer } from '../../protocols/admin/contract.ts'
import { addRecordOptions, ask, type RecordOptions, renderFacts, tell } from '../records.ts'
import { renderSize } from '../s3/quantities.ts'

type Server = AsJson<ServerAnswer>

/** What the server tells, and what its folder tells of it. */
type Told = Server & { readonly url: string; readonly certificateExpiresAt?: string }

export function infoCommand(): Command {
  const command = new Command('info')
    .description('Tell what runs on a folder and how full it is, without counting anything.')
    .action(printServer)
  return addRecordOptions(command)
}

async function printServer(options: RecordOptions): Promise<void> {
  const call = { method: 'GET', path: '/coffer/info', query: {} } as const
  const server = await ask<Server>(options, call)
  const { folder } = readConfiguration({ folder: options.folder })
  const { url = '-', certificate } = (await findAddress(folder)) ?? {}
  const answer = { ...server, url, ...(certificate && readExpiry(certificate)) }
  await tell(options, { answer, text: renderServer(answer) })
}

function readExpiry(certificate: string): Pick<Told, 'certificateExpiresAt'> {
  return { certificateExpiresAt: new X509Certificate(certificate).validToDate.toISOString() }
}

function renderServer(server: Told): string {
  const { version, url, uptimeSeconds, startedAt, threads, buckets } = server
  const { store, feed, certificateExpiresAt = '' } = server
  return renderFacts({
    coffer: `${version} at ${url}`,
    up: `${renderDuration(uptimeSeconds)}, since ${startedAt}`,
    threads: String(threads),
    'certificate until': certificateExpiresAt,
    ...(store ? renderStore(store) : { store: 'in memory' }),
    buckets: String(buckets),
    feed: feed === undefined ? '' : renderFeed(feed),
  })
}

function renderStore(store: NonNullable<Server['store']>): Readonly<Record<string, string>> {
  const { storeId, folder, disk, catalogBytes, objects, versions, segments } = store
  const { sizeBytes, freeBytes, reserveBytes } = disk
  const { count, totalBytes, liveBytes, isCompacting } = segments
  const live = `${renderSize(liveBytes)} of ${renderSize(totalBytes)} alive`
  return {
    store: storeId,
    folder,
    disk: `${renderSize(freeBytes)} of ${renderSize(sizeBytes)} free, ${renderSize(reserveBytes)} in reserve`,
    catalog: renderSize(catalogBytes),
    segments: `${count}, ${live}${isCompacting ? ', compaction under way' : ''}`,
    objects: `${objects}, with ${versions} versions and delete markers`,
    bytes: 'not counted; `coffer du` counts those of a bucket',
  }
}

function renderFeed({ entries, oldestAt, newestAt }: NonNullable<Server['feed']>): string {
  const span = oldestAt === undefined ? '' : `, from ${oldestAt} to ${newestAt ?? oldestAt}`
  return `${entries} entries${span}`
}

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3600

function renderDuration(seconds: number): string {
  const days = Math.floor(seconds / DAY_SECONDS)
  const hours = Math.floor((seconds % DAY_SECONDS) / HOUR_SECONDS)
  const minutes = Math.floor((seconds % HOUR_SECONDS) / 60)
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min` : `${seconds} s`
}
