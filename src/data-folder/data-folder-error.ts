/**
 * Thrown where something in the data folder is invalid. Nothing was changed. The message says in a sentence what is
 * wrong and what the operator can do.
 */
export class DataFolderError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DataFolderError'
  }
}
