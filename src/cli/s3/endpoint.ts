/** Which store a command speaks to, and with whose keys. */
import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { findAddress } from '../../app/address-file.ts'
import { ConfigurationError, readConfiguration, readVariable } from '../../app/config.ts'
import { findRootKeys } from '../../app/root-keys.ts'
import { addSettings } from '../settings.ts'

export type S3Keys = {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export type S3Endpoint = {
  /** Without a slash at its end. */
  readonly url: string
  readonly keys: S3Keys
  readonly region: string
  /** Authorities that are trusted beside the system's, PEM. */
  readonly authorities?: string
  /** The one certificate that is trusted, whatever name is in it, PEM. */
  readonly certificate?: string
}

export type EndpointOptions = { readonly endpoint?: string; readonly folder?: string }

const DEFAULT_REGION = 'us-east-1'

/** The command speaks to the store that these options and the variables name. */
export function addEndpointOptions(command: Command): Command {
  command.addOption(
    new Option('--endpoint <url>', 'of any S3 store (AWS_ENDPOINT_URL); keys as for AWS’s tools'),
  )
  return addSettings(command)
}

/**
 * The endpoint that was named, with the keys of the environment; else the server of the folder,
 * with its root keys.
 * @throws ConfigurationError when there is no server or no key
 */
export async function findEndpoint({ endpoint, folder }: EndpointOptions): Promise<S3Endpoint> {
  if (endpoint !== undefined && folder !== undefined) {
    throw new ConfigurationError('--endpoint and --folder exclude each other. Give one of them.')
  }
  const named = endpoint ?? (folder === undefined ? findNamedEndpoint() : undefined)
  return named === undefined ? findFolderServer(folder) : readEndpoint(named)
}

function findNamedEndpoint(): string | undefined {
  return readVariable('AWS_ENDPOINT_URL_S3') ?? readVariable('AWS_ENDPOINT_URL')
}

function readEndpoint(text: string): S3Endpoint {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError(`The endpoint "${text}" is no address like https://host:9000.`)
  }
  const bundle = readVariable('AWS_CA_BUNDLE')
  return {
    url: url.href.replace(/\/+$/, ''),
    keys: readKeys(),
    region: readRegion(),
    ...(bundle !== undefined && { authorities: readBundle(bundle) }),
  }
}

function readKeys(): S3Keys {
  const accessKey = readVariable('AWS_ACCESS_KEY_ID')
  const secretKey = readVariable('AWS_SECRET_ACCESS_KEY')
  const sessionToken = readVariable('AWS_SESSION_TOKEN')
  if (accessKey === undefined || secretKey === undefined) {
    throw new ConfigurationError(
      'An endpoint needs keys. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    )
  }
  return { accessKey, secretKey, ...(sessionToken !== undefined && { sessionToken }) }
}

function readRegion(): string {
  return readVariable('AWS_REGION') ?? readVariable('AWS_DEFAULT_REGION') ?? DEFAULT_REGION
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigurationError(`AWS_CA_BUNDLE names ${path}, which cannot be read.`, { cause })
  }
}

async function findFolderServer(given: string | undefined): Promise<S3Endpoint> {
  const configuration = readConfiguration({ folder: given })
  const address = await findAddress(configuration.folder)
  if (address === undefined) {
    throw new ConfigurationError(
      `No server runs on ${configuration.folder}. Start it with \`coffer serve\`, or name a store: ` +
        '--folder, or --endpoint with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    )
  }
  const keys = await findRootKeys(configuration)
  if (keys === undefined) {
    throw new ConfigurationError(
      'The root keys are not in the folder. Set COFFER_ROOT_USER and COFFER_ROOT_PASSWORD.',
    )
  }
  return {
    ...address,
    keys: { accessKey: keys.user, secretKey: keys.password },
    region: configuration.region ?? readRegion(),
  }
}
