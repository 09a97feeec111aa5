/** Settings that only make sense together, or not together. */

/** Those that there is a rule for. */
export type Combined = {
  readonly rootUser: string | undefined
  readonly rootPassword: string | undefined
  readonly tls: 'off' | 'generated'
  readonly tlsCertificate: string | undefined
  readonly tlsKey: string | undefined
  readonly metrics: unknown
  readonly metricsToken: string | undefined
}

/** What is wrong with the combination, and what to give instead, in sentences. */
export function findConflict(combined: Combined): string | undefined {
  return (
    findHalfRootKeys(combined) ?? findHalfCertificate(combined) ?? findUnguardedMetrics(combined)
  )
}

function findHalfRootKeys({ rootUser, rootPassword }: Combined): string | undefined {
  if ((rootUser === undefined) === (rootPassword === undefined)) return undefined
  const missing = rootUser === undefined ? 'COFFER_ROOT_USER' : 'COFFER_ROOT_PASSWORD'
  return `${missing} is missing. Set both COFFER_ROOT_USER and COFFER_ROOT_PASSWORD, or neither.`
}

function findHalfCertificate({ tls, tlsCertificate, tlsKey }: Combined): string | undefined {
  if ((tlsCertificate === undefined) !== (tlsKey === undefined)) {
    const missing = tlsKey === undefined ? 'COFFER_TLS_KEY' : 'COFFER_TLS_CERTIFICATE'
    return `${missing} is missing. A certificate and its key are given together.`
  }
  if (tls !== 'generated' || tlsCertificate === undefined) return undefined
  return 'COFFER_TLS=generated and COFFER_TLS_CERTIFICATE exclude each other. Give one of them.'
}

function findUnguardedMetrics({ metrics, metricsToken }: Combined): string | undefined {
  if (metrics !== '/coffer/metrics' || metricsToken !== undefined) return undefined
  return (
    'COFFER_METRICS_TOKEN is missing. Metrics on the address that S3 has take one; without it, ' +
    'give them an address of their own, such as COFFER_METRICS=127.0.0.1:9001.'
  )
}
