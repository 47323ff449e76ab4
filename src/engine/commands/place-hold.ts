import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { journalAt } from '../../store/commit.ts'
import { readTaskFor } from '../access/read-task.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'

/** The longest reason of a hold, in UTF-16 units. */
export const holdReasonCharsMax = 500

/**
 * Puts a legal hold on a task: its contents stay until it is lifted, past their time too and whoever asks for their purge.
 * The task itself goes on as before. A further reason replaces the first; both stand in the journal, and a purge does not
 * take them, so a reason should name a case and not a person. Refuses `role_forbidden`, `task_not_found`, `invalid_input` (a
 * reason of 1 to 500 characters).
 */
export async function placeHold(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
  reason: string,
): Promise<TaskSnapshot> {
  requireAdministrator(principal)
  const trimmed = reason.trim()
  if (trimmed.length === 0 || trimmed.length > holdReasonCharsMax) {
    const fields = [{ field: 'reason', message: `must have 1 to ${holdReasonCharsMax} characters` }]
    throw new Refusal('invalid_input', `A hold has a reason of 1 to ${holdReasonCharsMax} characters.`, { fields })
  }
  return changeHold(deps, principal, taskId, ({ hold }, at) =>
    hold === trimmed
      ? undefined
      : { ...envelope, kind: 'task.hold_placed', at, facts: { by: principal.userId, reason: trimmed } },
  )
}

const envelope = { run: null, attempt: null, contents: {} }

/** Appends the event that changes a task's hold. Answers with the task as it is where `change` gives none. */
export async function changeHold(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
  change: (task: TaskSnapshot['task'], at: number) => NewEvent | undefined,
): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskFor(deps, principal, taskId)
    const { task } = snapshot
    const event = change(task, deps.clock.now())
    if (event === undefined) return snapshot
    // The instant of the purge is written as it was read, and a run that ends meanwhile would change it: hence the journal
    // must stand as it was read.
    return recordAndCommit(deps, snapshot, [event], { require: [journalAt(taskId, task.lastSeq)] })
  })
}
