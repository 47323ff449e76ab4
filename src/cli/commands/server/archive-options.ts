import type { Command } from 'commander'
import type { ArchiveOptions } from '../../offline-commands.ts'
import type { Environment } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'

export interface PassphraseOptions {
  readonly passphraseEnv?: string
}

export function addPassphraseOption(command: Command, what: string): Command {
  return command.option('--passphrase-env <name>', what)
}

/** A passphrase never stands on the command line, where every user of the machine could read it. */
export function archiveOptionsOf(
  archive: string,
  { passphraseEnv }: PassphraseOptions,
  env: Environment,
): ArchiveOptions {
  if (passphraseEnv === undefined) return { archive }
  const passphrase = env[passphraseEnv]
  if (passphrase === undefined || passphrase === '') {
    throw new UsageError(`--passphrase-env ${passphraseEnv}: that environment variable is not set.`)
  }
  return { archive, passphrase }
}
