/** The certificate that the server proves itself with: given as files, or made and kept. */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { assertUsable, type Certificate } from '../../protocols/http/tls/certificate.ts'
import { ConfigurationError } from '../config.ts'
import { type Configuration } from '../settings/settings.ts'
import { writeSecret } from '../write-secret.ts'
import { isAddress, makeCertificate } from './make-certificate.ts'

/** Where the two halves lie. */
export type CertificatePaths = { readonly certificate: string; readonly key: string }

export type ServerCertificate = Certificate & {
  readonly paths: CertificatePaths
  /** Whether no authority vouches for it, so that clients must be told of it. */
  readonly isGenerated: boolean
}

type Surroundings = { readonly clock: Clock; readonly random: Random }

/** How long before its end a generated certificate is made anew. */
const RENEW_BEFORE_MS = 30 * 86_400_000

/**
 * The certificate that the configuration names, usable; undefined when plain HTTP is spoken. A
 * generated one is durable now, and made anew when it ends soon or lacks a name.
 * @throws ConfigurationError
 */
export async function openCertificate(
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<ServerCertificate | undefined> {
  const { tls, tlsCertificate, tlsKey } = configuration
  if (tls === 'generated') return openGenerated(configuration, surroundings)
  if (tlsCertificate === undefined || tlsKey === undefined) return undefined
  const paths = { certificate: tlsCertificate, key: tlsKey }
  return { ...(await readCertificate(paths)), paths, isGenerated: false }
}

/**
 * What the files hold; they belong together.
 * @throws ConfigurationError
 */
export async function readCertificate(paths: CertificatePaths): Promise<Certificate> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(paths.certificate, 'utf8'),
      readFile(paths.key, 'utf8'),
    ])
    assertUsable({ certificate, key })
    return { certificate, key }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const files = `${paths.certificate} and ${paths.key}`
    throw new ConfigurationError(`TLS cannot use ${files}: ${why}`, { cause })
  }
}

async function openGenerated(
  { folder, domain, listen }: Configuration,
  { clock, random }: Surroundings,
): Promise<ServerCertificate> {
  const place = join(folder, 'tls')
  const paths = { certificate: join(place, 'certificate.pem'), key: join(place, 'key.pem') }
  const names = namesOf({ domains: domain, host: listen.host })
  const kept = await readCertificate(paths).catch(() => undefined)
  if (kept !== undefined && isGood(kept, { names, nowMs: clock.now() })) {
    return { ...kept, paths, isGenerated: true }
  }
  const made = await makeCertificate({ names, now: new Date(clock.now()), random })
  await mkdir(place, { recursive: true, mode: 0o700 })
  await writeSecret(paths.key, made.key)
  await writeSecret(paths.certificate, made.certificate)
  return { ...made, paths, isGenerated: true }
}

/** What clients on this machine, and elsewhere, may call the server. */
function namesOf({
  domains,
  host,
}: {
  readonly domains: readonly string[]
  readonly host: string
}): readonly string[] {
  const everywhere = host === '0.0.0.0' || host === '::' ? [] : [host]
  const hosted = domains.flatMap((domain) => [domain, `*.${domain}`])
  return [
    ...new Set([
      'localhost',
      '127.0.0.1',
      '::1',
      hostname().toLowerCase(),
      ...everywhere,
      ...hosted,
    ]),
  ]
}

type Wanted = { readonly names: readonly string[]; readonly nowMs: number }

function isGood({ certificate }: Certificate, { names, nowMs }: Wanted): boolean {
  const parsed = new X509Certificate(certificate)
  if (new Date(parsed.validTo).getTime() - nowMs < RENEW_BEFORE_MS) return false
  return names.every((name) => {
    const found = isAddress(name)
      ? parsed.checkIP(name)
      : parsed.checkHost(name.replace('*', 'any'))
    return found !== undefined
  })
}
