import type { Command } from 'commander'
import { formatBytes, formatPlural } from '../../format/format-amount.ts'
import type { Invocation } from '../../program.ts'
import { addPassphraseOption, archiveOptionsOf, type PassphraseOptions } from './archive-options.ts'

interface BackupOptions extends PassphraseOptions {
  readonly force?: boolean
}

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
