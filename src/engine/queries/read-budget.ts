import { type Amounts, availableOf, type Ledger } from '../../domain/budget.ts'
import type { Principal } from '../../domain/principal.ts'
import { readTaskFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Reads the ledger of a task (its cap, and how much of it is spent, reserved and lent) and what is left. Refuses
 * `task_not_found`.
 */
export async function readBudget(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string,
): Promise<{ readonly ledger: Ledger; readonly available: Amounts }> {
  const { ledger } = (await readTaskFor(deps, principal, taskId)).task
  return { ledger, available: availableOf(ledger) }
}
