import { type Amounts, availableOf, type Ledger } from '../../domain/budget.ts'
import type { Principal } from '../../domain/principal.ts'
import { readTaskFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** What a task may use up, what of it is spent, reserved and lent, and what is left. Refuses `task_not_found`. */
export async function readBudget(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
): Promise<{ readonly ledger: Ledger; readonly available: Amounts }> {
  const { ledger } = (await readTaskFor(deps, principal, taskId)).task
  return { ledger, available: availableOf(ledger) }
}
