import { type SignedHead, type SignedStatement, statementKinds } from '../../../domain/statement.ts'
import type { LoggedStatement } from '../../store.ts'
import { digest, hex, integer, nullable, oneOf, type Parameter, type Row, readColumn, text } from '../columns.ts'
import { defineTable, readOnly } from '../table.ts'

const kind = oneOf(statementKinds)
const textOrNull = nullable(text)

/**
 * Reads a row of `statements` that is joined with the ids of its log, task and run, and with the first row of its log.
 */
export function readStatement(row: Row): LoggedStatement {
  return {
    kind: readColumn(row, 'kind', kind),
    task: readColumn(row, 'task_id', textOrNull),
    run: readColumn(row, 'run_id', textOrNull),
    action: readColumn(row, 'action', textOrNull),
    digest: readColumn(row, 'digest', digest),
    envelope: readColumn(row, 'envelope', text),
    leaf: readColumn(row, 'leaf', hex),
    issuedAt: readColumn(row, 'issued_at', integer),
    logId: readColumn(row, 'log_id', text),
    leafIndex: readColumn(row, 'row', integer) - readColumn(row, 'first_row', integer),
  }
}

/** The values of an insert, except the log, the task and the run, which are found by their ids. */
export function statementValues(statement: SignedStatement) {
  const { action, leaf, issuedAt, envelope } = statement
  return {
    kind: statement.kind,
    action,
    digest: digest.write(statement.digest),
    leaf,
    issuedAt,
    envelope,
  } satisfies Record<string, Parameter>
}

/** Signed heads. A row is read with the id of its log. */
export const logHeads = defineTable<SignedHead>({
  name: 'log_heads',
  key: 'log',
  fields: { logId: readOnly(text), size: integer, root: hex, at: integer, envelope: text },
})
