import type { Digest } from '../../domain/content.ts'
import { type SignedHead, statementKinds } from '../../domain/statement.ts'
import type { LoggedStatement } from '../store.ts'
import { bytes, integer, oneOf, type Row, text, textOrNull } from './columns.ts'

// Statements and heads between rows and what the domain means.

/** Of a row of `statements`, with the ids of its log, task and run, and the first row of its log. */
export function loggedStatementOf(row: Row): LoggedStatement {
  return {
    kind: oneOf(statementKinds, row, 'kind'),
    task: textOrNull(row, 'task_id'),
    run: textOrNull(row, 'run_id'),
    action: textOrNull(row, 'action'),
    digest: digestOf(row),
    envelope: text(row, 'envelope'),
    leaf: hex(row, 'leaf'),
    issuedAt: integer(row, 'issued_at'),
    logId: text(row, 'log_id'),
    leafIndex: integer(row, 'row') - integer(row, 'first_row'),
  }
}

/** Of a row of `log_heads`. */
export function headOf(logId: string, row: Row): SignedHead {
  return {
    logId,
    size: integer(row, 'size'),
    root: hex(row, 'root'),
    at: integer(row, 'at'),
    envelope: text(row, 'envelope'),
  }
}

export function hex(row: Row, column: string): string {
  return Buffer.from(bytes(row, column)).toString('hex')
}

function digestOf(row: Row): Digest {
  return `sha256:${hex(row, 'digest')}`
}
