import type { Digest } from '../../domain/content.ts'
import type { Principal } from '../../domain/principal.ts'
import { isRefusal, Refusal } from '../../domain/refusal.ts'
import type { LoggedStatement } from '../../store/store.ts'
import { readTaskRecordFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Lists the statements about a task, in the order of the log. Refuses `task_not_found`, and `role_forbidden` where the task
 * is only shared with the caller.
 */
export async function listStatementsOf(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string,
): Promise<LoggedStatement[]> {
  const { task } = await readTaskRecordFor(deps, principal, taskId)
  return await deps.store.listStatements(task.id)
}

/**
 * Reads one statement by its digest. A statement about no task (a rotation of keys) is shown to everybody. Refuses
 * `statement_not_found`, in the same words for none and for one about somebody else's task, and `role_forbidden` where the
 * task is only shared with the caller.
 */
export async function readStatementOf(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  digest: Digest,
): Promise<LoggedStatement> {
  const statement = await deps.store.readStatement(digest)
  if (statement !== undefined && statement.task === null) return statement
  try {
    await readTaskRecordFor(deps, principal, statement?.task ?? '')
  } catch (error) {
    throw isRefusal(error, 'task_not_found') ? statementNotFound() : error
  }
  if (statement === undefined) throw statementNotFound()
  return statement
}

/** The refusal for a statement that is absent, or about a task that the caller may not see. */
export function statementNotFound(): Refusal {
  return new Refusal('statement_not_found', 'There is no such statement.')
}
