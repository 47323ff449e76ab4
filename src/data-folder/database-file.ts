/**
 * What is done with the database file of a data folder while no store has it open, or beside the store that has. The store's
 * implementation knows how; main hands it in.
 */
export interface DatabaseFile {
  /** The newest schema that this version reads. */
  readonly newestSchema: number
  /**
   * Writes the database as it is at one instant, also while a server writes to it, as one file with no log beside it. Answers
   * with its schema. Throws for a database that this version does not read.
   */
  copy(from: string, to: string): Promise<number>
  /** Sets these settings in a database that nobody has open. */
  writeSettings(path: string, settings: Readonly<Record<string, string>>): void
}
