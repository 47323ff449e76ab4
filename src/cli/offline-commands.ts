import type { Verification } from '../proof/package/verify-package.ts'

export interface ArchiveOptions {
  readonly archive: string
  /** Encrypts, or opens, the key material in the archive. */
  readonly passphrase?: string
}

export interface StartedServer {
  readonly url: string
  /** The key of this machine's administrator, where it can be read. */
  readonly adminKey: string | undefined
  stop(): Promise<void>
}

export interface VerifyOptions {
  /** The bytes of an audit package. */
  readonly package: Uint8Array
  /** Ids of keys, or public keys in base64, that the reader knows to be the installation's. */
  readonly pinned: readonly string[]
}

/** What the command line can do without a server that answers. Handed in by main, which alone knows the implementations. */
export interface OfflineCommands {
  /** What `--version` prints. */
  readonly version?: string
  /**
   * Throws for a setting in the environment that is none; asked before any command does its work. `named` are variables that
   * the command line names itself.
   */
  checkSettings(named: readonly string[]): void
  /** Runs the server until a signal; resolves with the exit code. */
  serve(): Promise<number>
  /** Starts `serve` as a child process with the environment of this one; resolves once it listens. */
  startServer(): Promise<StartedServer>
  backup(options: ArchiveOptions): Promise<{ bytes: number; files: number }>
  restore(options: ArchiveOptions): Promise<void>
  /** Checks an audit package with nothing but itself and the pinned keys. Never throws for what is in it. */
  verify(options: VerifyOptions): Promise<Verification>
  /** The admin key kept in the data folder for the local user, where it can be read. */
  localKey(): string | undefined
}
