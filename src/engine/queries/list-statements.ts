import type { Digest } from '../../domain/content.ts'
import type { Principal } from '../../domain/principal.ts'
import { isRefusal, Refusal } from '../../domain/refusal.ts'
import type { LoggedStatement } from '../../store/store.ts'
import { readTaskRecordFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The statements about a task that this caller may see, in the order of the log. Refuses `task_not_found`, `role_forbidden`. */
export async function listStatementsOf(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
): Promise<LoggedStatement[]> {
  const { task } = await readTaskRecordFor(deps, principal, taskId)
  return await deps.store.listStatements(task.id)
}

/**
 * One statement by its digest. One that is about no task (a rotation of keys) is anybody's. Refuses `statement_not_found`
 * (absent and about a task that is not theirs look the same), `role_forbidden` where the task is only shared with the caller.
 */
export async function readStatementOf(
  deps: EngineDeps,
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

export function statementNotFound(): Refusal {
  return new Refusal('statement_not_found', 'There is no such statement.')
}
