import type { Command } from 'commander'
import { formatBytes, formatPlural } from '../../format/format-amount.ts'
import type { ArchiveOptions } from '../../offline-commands.ts'
import type { Invocation } from '../../program.ts'
import type { Environment } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'

/** The parsed option that names the environment variable with the passphrase of an archive. */
export interface PassphraseOptions {
  readonly passphraseEnv?: string
}

function addPassphraseOption(command: Command, what: string): Command {
  return command.option('--passphrase-env <name>', what)
}

/** A passphrase never stands on the command line, where every user of the machine could read it. */
function archiveOptionsOf(archive: string, { passphraseEnv }: PassphraseOptions, env: Environment): ArchiveOptions {
  if (passphraseEnv === undefined) return { archive }
  const passphrase = env[passphraseEnv]
  if (passphrase === undefined || passphrase === '') {
    throw new UsageError(`--passphrase-env ${passphraseEnv}: that environment variable is not set.`)
  }
  return { archive, passphrase }
}

interface BackupOptions extends PassphraseOptions {
  readonly force?: boolean
}

/**
 * Adds `mandate backup`. It works on the data folder of this machine, also while a server uses it, and refuses to
 * replace a file unless `--force` is given.
 */
export function addBackup(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('backup')
    .summary('write all data into one archive')
    .description('Writes the data folder (MANDATE_DATA) into one archive, also while the server runs.')
    .argument('<file>', 'the archive to write, outside of the data folder')
    .option('-f, --force', 'replaces a file that stands there')
    .action((file: string, options: BackupOptions) => backup(invocation, file, options))
  addPassphraseOption(
    command,
    'adds the keys of the server, encrypted with the passphrase in this environment variable',
  )
}

async function backup({ environment, offline }: Invocation, file: string, options: BackupOptions) {
  const { bytes, files } = await offline.backup({
    ...archiveOptionsOf(file, options, environment.env),
    force: options.force,
  })
  environment.terminal.out(`${file}: ${formatPlural(files, 'file')}, ${formatBytes(bytes)}\n`)
  if (options.passphraseEnv === undefined) {
    environment.terminal.err(
      'The keys of the server are not in it, so no API key would work after a restore; with --passphrase-env they are added, encrypted.\n',
    )
  }
}

/** Adds `mandate restore`. It refuses a data folder that is not empty: nothing is ever overwritten. */
export function addRestore(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('restore')
    .summary('make a data folder from an archive')
    .description('Makes the data folder (MANDATE_DATA) from an archive. No server may be using it.')
    .argument('<file>', 'an archive that "backup" wrote')
    .action((file: string, options: PassphraseOptions) => restore(invocation, file, options))
  addPassphraseOption(command, 'opens the keys in the archive with the passphrase in this environment variable')
}

async function restore({ environment, offline }: Invocation, file: string, options: PassphraseOptions) {
  await offline.restore(archiveOptionsOf(file, options, environment.env))
  environment.terminal.out(`${file} is restored; start the server with: ${environment.program} serve\n`)
}
