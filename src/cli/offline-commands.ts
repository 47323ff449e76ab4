import type { Verification } from '../proof/package/verify-package.ts'

/** The archive to write or to read. */
export interface ArchiveOptions {
  readonly archive: string
  /** Replaces an existing file. Only a backup uses it. */
  readonly force?: boolean | undefined
  /** Encrypts, or opens, the key material in the archive. */
  readonly passphrase?: string
}

/** A server of this machine that this process uses. */
export interface LocalServer {
  readonly url: string
  /** The key of its administrator, where it can be read. */
  readonly adminKey: string | undefined
  /** Whether it was started for a command, and ends when the last one lets go of it. */
  readonly temporary: boolean
  /** A note of the server for whoever started it, such as runs that it resumes. */
  readonly note?: string | undefined
  /** Resolves when the server has ended, or at once where it goes on. */
  letGo(): Promise<void>
}

/** The settings that take precedence over the environment variables. */
export interface ServeOptions {
  readonly port?: number | undefined
  readonly host?: string | undefined
  readonly data?: string | undefined
  /** Ends when nobody uses the server any more. */
  readonly temporary?: boolean | undefined
}

/** An audit package and the keys that are trusted. */
export interface VerifyOptions {
  /** The bytes of an audit package. */
  readonly package: Uint8Array
  /** Ids of keys, or public keys in base64, that the reader knows to be the installation's. */
  readonly pinned: readonly string[]
}

/**
 * The commands that need no server that answers. The composition root (src/main) hands them in, because it alone knows
 * the implementations.
 */
export interface OfflineCommands {
  /** The version that `--version` prints. */
  readonly version?: string
  /**
   * Throws for a setting in the environment that is none; asked before any command does its work. `named` are variables that
   * the command line names itself.
   */
  checkSettings(named: readonly string[]): void
  /** Runs the server until a signal; resolves with the exit code. */
  serve(options: ServeOptions): Promise<number>
  /**
   * Takes hold of the server of this machine that listens at `url`; without one, of the server of this data folder.
   * `ending`: there is one that nobody can take hold of any more. Undefined where none is known.
   */
  joinServer(url: string | undefined): Promise<LocalServer | 'ending' | undefined>
  /**
   * Starts a temporary server with the environment of this process; resolves once it listens. Throws an error with the
   * `exitCode` of `mandate serve` where it does not start.
   */
  startServer(): Promise<LocalServer>
  backup(options: ArchiveOptions): Promise<{ bytes: number; files: number }>
  restore(options: ArchiveOptions): Promise<void>
  /** Checks an audit package with nothing but itself and the pinned keys. Never throws for what is in it. */
  verify(options: VerifyOptions): Promise<Verification>
  /** The administrator's key for the server of this machine that listens at `url`, where it can be read. */
  localKey(url: string): string | undefined
}
