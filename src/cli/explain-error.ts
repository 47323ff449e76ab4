import { ClientError } from '../client/client-error.ts'
import { exitCodes } from './exit-codes.ts'
import { formatDuration } from './format/format-amount.ts'
import { printable } from './format/printable.ts'
import { UsageError } from './usage-error.ts'

/** The exit code for an error, and the lines that explain it on standard error. */
export interface Explanation {
  readonly exitCode: number
  /** The first is one sentence that says what to do; those after it name single fields. */
  readonly lines: readonly string[]
}

/**
 * Explains an error to the person who typed the command. An unexpected error keeps its stack, because it is a defect of
 * ours.
 */
export function explainError(error: unknown, program: string): Explanation {
  if (error instanceof UsageError) {
    const see = error.see === undefined ? '' : ` See "${program} ${error.see}".`
    return { exitCode: exitCodes.usage, lines: [`${error.message}${see}`] }
  }
  if (error instanceof ClientError) return { exitCode: exitCodes.refused, lines: explainClientError(error, program) }
  if (isForPerson(error)) return { exitCode: exitCodeOf(error), lines: [printable(error.message)] }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exitCode: exitCodes.failed, lines: [`This is a defect of mandate. ${stack}`] }
}

/**
 * True for an error whose message is written for a person: one with a name of its own (a server that cannot start, an
 * archive that is damaged), and one of the system (no such file).
 */
function isForPerson(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code?.startsWith('ERR_')) return false
  return code !== undefined || !builtIn.has(error.name)
}

/** A setting that is not allowed ends every command as it ends a start of the server. */
function exitCodeOf(error: Error): number {
  return 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : exitCodes.failed
}

const builtIn: ReadonlySet<string> = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'URIError',
  'AssertionError',
])

function explainClientError(error: ClientError, program: string): string[] {
  const limit = error.limit === undefined ? '' : ` (limit: ${error.limit})`
  const later = error.retryAfterMs === undefined ? '' : ` Try again in ${formatDuration(error.retryAfterMs)}.`
  const fields = error.errors.map(({ field, message }) => `  ${field}: ${message}`)
  return [`${error.detail}${limit}${later}${adviceFor(error, program)}`, ...fields].map(printable)
}

function adviceFor({ status, code }: ClientError, program: string): string {
  if (code === 'unreachable') return ` Start one with "${program} serve", or name another by --url or MANDATE_URL.`
  if (code === 'tls_failed') return ' An authority of your own is named by NODE_EXTRA_CA_CERTS.'
  if (code === 'bad_answer') return ' Check the address given by --url or MANDATE_URL.'
  if (status === 401) return ' Give a key by --key or MANDATE_KEY.'
  return ''
}
