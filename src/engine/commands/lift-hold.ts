import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { changeHold } from './place-hold.ts'

/**
 * Lifts the legal hold of a task. Contents whose time has passed meanwhile are purged at the purger's next poll. Changes
 * nothing where there is no hold. Refuses `role_forbidden`, `task_not_found`.
 */
export async function liftHold(deps: EngineDeps, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  requireAdministrator(principal)
  return changeHold(deps, principal, taskId, ({ hold }, at) =>
    hold === null
      ? undefined
      : { kind: 'task.hold_lifted', run: null, attempt: null, at, facts: { by: principal.userId }, contents: {} },
  )
}
