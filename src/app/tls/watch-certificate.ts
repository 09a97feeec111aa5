/** Takes up a certificate that was renewed, without a restart. */
import type { Log } from '../../base/log.ts'
import type { Certificate } from '../../protocols/http/tls/certificate.ts'
import { readCertificate, type ServerCertificate } from './server-certificate.ts'

/** How often the files are read; they are small, and how they are replaced is not ours to know. */
const INTERVAL_MS = 10_000

export type WatchOptions = {
  readonly log: Log
  /** Gives the server the new certificate. */
  readonly replace: (certificate: Certificate) => Promise<void> | void
  readonly intervalMs?: number
}

/**
 * Files that change are taken up within ten seconds. One that cannot be used, such as a certificate
 * whose key has not come yet, is logged once, and the old one stays.
 */
export function watchCertificate(
  opened: ServerCertificate | undefined,
  options: WatchOptions,
): () => void {
  if (opened === undefined) return () => {}
  const { log, replace, intervalMs = INTERVAL_MS } = options
  let current: Certificate = opened
  let complaint = ''
  const look = async (): Promise<void> => {
    try {
      const found = await readCertificate(opened.paths)
      complaint = ''
      if (found.certificate === current.certificate && found.key === current.key) return
      await replace(found)
      current = found
      log.info('certificate replaced', { path: opened.paths.certificate })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== complaint) log.warn('certificate not replaced', { error })
      complaint = message
    }
  }
  const timer = setInterval(() => void look(), intervalMs).unref()
  return () => clearInterval(timer)
}
