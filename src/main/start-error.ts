import { DataFolderError } from '../data-folder/data-folder-error.ts'
import { systemReasonOf } from '../data-folder/system-reason.ts'
import { Refusal } from '../domain/refusal.ts'
import { SchemaError } from '../store/sqlite/migrate.ts'

/** Why the server cannot start; each has its exit code, after sysexits(3) where one fits. */
export const startErrorCodes = {
  usage: 64,
  /** The server is at fault, not its operator. */
  defect: 70,
  port: 71,
  data_folder: 73,
  data_in_use: 75,
  newer_schema: 76,
} as const

/** One sentence for the person who started the server. Nothing was changed. */
export class StartError extends Error {
  readonly exitCode: number
  constructor(kind: keyof typeof startErrorCodes, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StartError'
    this.exitCode = startErrorCodes[kind]
  }
}

/**
 * Explains to the operator an error that occurred while the data folder was opened or first written to. Whatever the
 * system, SQLite or the content of a file answers there is the state of the disk and no defect of ours.
 */
export function dataErrorToStartError(folder: string, error: unknown): StartError {
  if (error instanceof StartError) return error
  if (error instanceof DataFolderError) return new StartError('data_folder', error.message, error)
  if (error instanceof SchemaError) {
    return new StartError(error.reason === 'newer_schema' ? 'newer_schema' : 'data_folder', error.message, error)
  }
  return new StartError('data_folder', `the data folder ${folder} cannot be used: ${reasonOf(error)}`, error)
}

const diskIsFull = 'the disk is full. Make room and start again.'
const restoreBackup = 'Restore a backup into another folder and set MANDATE_DATA to it.'

/** By SQLite's primary result code. */
const sqliteReasons: ReadonlyMap<number, string> = new Map([
  [3, 'access to the database is denied. Its files must belong to the user who starts the server.'],
  [5, 'another program holds the database. End it and start again.'],
  [6, 'another program holds the database. End it and start again.'],
  [8, 'the database cannot be written. Its files must belong to the user who starts the server.'],
  [10, 'the disk failed to read or write (or is full). Look at its state and start again.'],
  [11, `the database is damaged. ${restoreBackup}`],
  [13, diskIsFull],
  [14, 'the database cannot be opened: it is no file, or access to it is denied.'],
  [26, `the database is damaged or is none. ${restoreBackup}`],
])

const systemReasons: Readonly<Record<string, string>> = {
  ENOSPC: diskIsFull,
  EDQUOT: diskIsFull,
  EFBIG: diskIsFull,
  EACCES: 'access to it is denied. It must belong to the user who starts the server.',
  EPERM: 'access to it is denied. It must belong to the user who starts the server.',
  EROFS: 'the file system can only be read.',
  EIO: 'the disk failed to read or write. Look at its state and start again.',
}

/** True for an error with which SQLite says that a file is damaged (SQLITE_CORRUPT) or no database (SQLITE_NOTADB). */
export function isDamagedDatabase(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error && Number(error.errcode) & 0xff
  return code === 11 || code === 26
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code, errcode, path } = error as { code?: unknown; errcode?: unknown; path?: unknown }
  if (typeof errcode === 'number') {
    return sqliteReasons.get(errcode & 0xff) ?? `the database answers "${error.message}".`
  }
  if (typeof code === 'string' && systemReasons[code] !== undefined) {
    return `${typeof path === 'string' ? `${path}: ` : ''}${systemReasons[code]}`
  }
  if ('syscall' in error) return `${typeof path === 'string' ? `${path}: ` : ''}${systemReasonOf(error)}.`
  return `what it holds cannot be read (${error.message}). ${restoreBackup}`
}
