/**
 * The operations on the database file of a data folder while no store has it open, or beside the store that has. The
 * store's implementation provides them and main passes them in.
 */
export interface DatabaseFile {
  /** The version of the newest schema that this version of Mandate reads. */
  readonly newestSchema: number
  /**
   * Copies the database as of one instant, also while a server writes to it, to one file without a log beside it.
   * Resolves with the version of its schema. Throws for a database that this version does not read.
   */
  copy(from: string, to: string): Promise<number>
  /** Writes these settings to a database that no process has open. */
  writeSettings(path: string, settings: Readonly<Record<string, string>>): void
}
