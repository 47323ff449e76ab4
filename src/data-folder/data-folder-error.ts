/**
 * Something in the data folder is not as it must be, and nothing was changed. The message says in a sentence what is wrong, and
 * what its operator can do.
 */
export class DataFolderError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DataFolderError'
  }
}
