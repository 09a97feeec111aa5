/** What `coffer serve` prints when it answers. */
import type { StoreKind } from '../app/config.ts'
import type { FoundRootKeys } from '../app/root-keys.ts'

export type Welcome = {
  readonly url: string
  readonly folder: string
  readonly store: StoreKind
  readonly rootKeys: FoundRootKeys
  readonly rootKeysPath: string
  /** Keys are shown only to a person, never to a log. */
  readonly terminal: boolean
}

/** The address on one line; after the first start also the new keys, or where they lie. */
export function renderWelcome(welcome: Welcome): string {
  const { url, folder, store, rootKeys, rootKeysPath, terminal } = welcome
  const place = store === 'memory' ? 'memory, until it stops' : folder
  const address = `Coffer answers on ${url} and keeps its objects in ${place}\n`
  if (rootKeys.source === 'configured') return address
  if (rootKeys.source === 'kept' || !terminal) {
    return `${address}The root keys are in ${rootKeysPath}\n`
  }
  return `${address}${renderKeys(welcome)}`
}

function renderKeys({ url, rootKeys: { user, password }, rootKeysPath }: Welcome): string {
  return `
New root keys were made. They are shown only now, and kept in ${rootKeysPath}

  export AWS_ENDPOINT_URL=${url} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=${user}
  export AWS_SECRET_ACCESS_KEY=${password}
  aws s3 mb s3://models

  import boto3
  s3 = boto3.client(
      "s3",
      endpoint_url="${url}",
      aws_access_key_id="${user}",
      aws_secret_access_key="${password}",
  )

`
}
