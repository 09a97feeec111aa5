/** `coffer server`: what containers of MinIO are told, so that only their image has to change. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import {
  ConfigurationError,
  listUnreadVariables,
  readConfiguration,
  type GivenArguments,
} from '../../app/config.ts'
import { serve } from './serve.ts'

type MinioArguments = {
  readonly address: string
  readonly consoleAddress?: string
  readonly certsDir?: string
  readonly volumes?: string
  readonly quiet?: true
}

const ADDRESS = 'MINIO_ADDRESS'
const CONSOLE_ADDRESS = 'MINIO_CONSOLE_ADDRESS'
const VOLUMES = 'MINIO_VOLUMES'

/** Listens on every interface, as MinIO does. */
export function serverCommand(): Command {
  return new Command('server')
    .description("The same as serve, with the arguments of MinIO's server.")
    .argument('[folder...]', 'where everything is kept; one folder')
    .addOption(
      new Option('--address <host:port>', 'where requests are accepted')
        .env(ADDRESS)
        .default(':9000'),
    )
    .addOption(new Option('--console-address <host:port>', 'unused yet').env(CONSOLE_ADDRESS))
    .addOption(new Option('-S, --certs-dir <folder>', 'has public.crt and private.key'))
    .addOption(new Option('--quiet', 'log only what is wrong'))
    .addOption(new Option('--json', 'the log is JSON in any case'))
    .addOption(new Option('--volumes <folder>').env(VOLUMES).hideHelp())
    .action((folders: readonly string[], given: MinioArguments) => {
      process.stderr.write(renderRemarks(given))
      return serve(readConfiguration(translate(folders, given)))
    })
}

/** `minio server /data`, as containers of MinIO's may also be told. */
export function minioCommand(): Command {
  return new Command('minio').addCommand(serverCommand())
}

/** What `coffer serve` would be given. @throws ConfigurationError for what Coffer cannot be */
function translate(folders: readonly string[], given: MinioArguments): GivenArguments {
  const { address, volumes, certsDir, quiet } = given
  const [folder, ...more] = folders.length > 0 ? folders : (volumes?.split(/\s+/) ?? [])
  if (more.length > 0 || /\{\d+\.\.\.\d+\}|^https?:/.test(folder ?? '')) {
    throw new ConfigurationError(
      'Coffer keeps everything in one folder of one machine. Give one, such as /data.',
    )
  }
  if (folder !== undefined && existsSync(join(folder, '.minio.sys'))) {
    throw new ConfigurationError(
      `${folder} holds what MinIO stored, which only MinIO reads. Give an empty folder, and move ` +
        'the objects as docs/move-from-minio.md says.',
    )
  }
  return {
    ...(folder !== undefined && { folder }),
    listen: address.startsWith(':') ? `0.0.0.0${address}` : address,
    ...(certsDir !== undefined && findCertificate(certsDir)),
    ...(quiet && { logLevel: 'warn' }),
  }
}

/** MinIO serves plain HTTP, too, when the folder has no certificate. */
function findCertificate(folder: string): GivenArguments {
  const tlsCertificate = join(folder, 'public.crt')
  return existsSync(tlsCertificate) ? { tlsCertificate, tlsKey: join(folder, 'private.key') } : {}
}

/** What was asked for and is not there is said, and nothing pretends to be it. */
function renderRemarks({ consoleAddress }: MinioArguments): string {
  const unread = listUnreadVariables([ADDRESS, CONSOLE_ADDRESS, VOLUMES])
  if (unread.includes(AUTOMATIC_ENCRYPTION)) {
    throw new ConfigurationError(
      `${AUTOMATIC_ENCRYPTION} asks for encryption, which Coffer does not have yet. Unset it to ` +
        'store without.',
    )
  }
  return [
    ...(consoleAddress === undefined
      ? []
      : [`There is no console yet: nothing listens on ${consoleAddress}.\n`]),
    ...(unread.length === 0 ? [] : [`Coffer does not read ${unread.join(', ')}.\n`]),
  ].join('')
}

const AUTOMATIC_ENCRYPTION = 'MINIO_KMS_AUTO_ENCRYPTION'
