/** What `coffer serve` prints when it answers. */
import type { StoreKind } from '../app/settings/settings.ts'
import type { FoundRootKeys } from '../app/root-keys.ts'

export type Welcome = {
  readonly url: string
  readonly folder: string
  readonly store: StoreKind
  readonly rootKeys: FoundRootKeys
  readonly rootKeysPath: string
  /** Where a certificate lies that clients must be given, since no authority vouches for it. */
  readonly certificatePath?: string
  /** Keys are shown only to a person, never to a log. */
  readonly terminal: boolean
}

/** The address on one line; after the first start also the new keys, or where they lie. */
export function renderWelcome(welcome: Welcome): string {
  const { url, folder, store, rootKeys, rootKeysPath, certificatePath, terminal } = welcome
  const place = store === 'memory' ? 'memory, until it stops' : folder
  const trust =
    certificatePath === undefined
      ? ''
      : `It made its certificate itself: clients must trust ${certificatePath}\n`
  const address = `Coffer answers on ${url} and keeps its objects in ${place}\n${trust}`
  if (rootKeys.source === 'configured') return address
  if (rootKeys.source === 'kept' || !terminal) {
    return `${address}The root keys are in ${rootKeysPath}\n`
  }
  return `${address}${renderKeys(welcome)}`
}

function renderKeys(welcome: Welcome): string {
  const { url, rootKeys, rootKeysPath, certificatePath } = welcome
  const { user, password } = rootKeys
  const bundle = certificatePath === undefined ? '' : `\n  export AWS_CA_BUNDLE=${certificatePath}`
  const verify = certificatePath === undefined ? '' : `\n      verify="${certificatePath}",`
  return `
New root keys were made. They are shown only now, and kept in ${rootKeysPath}

  export AWS_ENDPOINT_URL=${url} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=${user}
  export AWS_SECRET_ACCESS_KEY=${password}${bundle}
  aws s3 mb s3://models

  import boto3
  s3 = boto3.client(
      "s3",
      endpoint_url="${url}",
      aws_access_key_id="${user}",
      aws_secret_access_key="${password}",${verify}
  )

`
}
