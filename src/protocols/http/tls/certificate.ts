// What a server proves itself with. Versions of TLS before 1.2 are not spoken.
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** A certificate, with those that lead to its issuer behind it, and its private key: PEM. */
export type Certificate = { readonly certificate: string; readonly key: string }

/** A certificate that cannot be used; the message says why. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

/** What Node's TLS takes. */
export function toSecureOptions({ certificate, key }: Certificate): SecureContextOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' }
}

/**
 * The certificate can be used, and its key belongs to it.
 * @throws CertificateError
 */
export function assertUsable(certificate: Certificate): void {
  try {
    createSecureContext(toSecureOptions(certificate))
    const { publicKey } = new X509Certificate(certificate.certificate)
    if (publicKey.asymmetricKeyType === undefined) throw new Error('it has no public key')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CertificateError(`The certificate and its key cannot be used: ${why}.`, { cause })
  }
}
