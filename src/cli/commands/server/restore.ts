import type { Command } from 'commander'
import type { Invocation } from '../../program.ts'
import { addPassphraseOption, archiveOptionsOf, type PassphraseOptions } from './archive-options.ts'

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
