import type { NewEvent } from '../../domain/event.ts'
import { evolveAll, type TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { isTerminal, moveRun } from '../../domain/run-state.ts'
import { chargeOpenCall } from '../../runner/call-model.ts'
import { append, runIs } from '../../store/commit.ts'
import { openActionsOf } from '../open-actions.ts'
import { readTaskToChange } from '../read-task-for.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerRooms } from '../server-rooms.ts'

/**
 * Ends the task's latest run for good. Terminal at its commit: open actions are settled as unknown and a model call under
 * way is charged its estimate in the same commit; then the work is aborted, and what it still says changes nothing.
 * Refuses `run_settled` when the run has ended (a cancelled one too: the caller's dialect decides what that means).
 */
export async function cancelRun(rooms: ServerRooms, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskToChange(rooms, principal, taskId)
    const { run } = snapshot
    moveRun(run.state, 'cancelled')
    const events = await cancelEvents(rooms, snapshot, principal)
    const next = evolveAll(snapshot, events)
    const outcome = await rooms.store.commit({
      require: [runIs(run.id, [run.state], run.attempt)],
      write: [append(taskId, events), { kind: 'save_run', run: next.run }],
    })
    if (!outcome.committed) return undefined
    rooms.dispatcher.running(run.id)?.abort('cancelled')
    rooms.wakeup.hint(taskId)
    const lastSeq = outcome.lastSeq[taskId] ?? next.task.lastSeq
    return { ...next, task: { ...next.task, lastSeq } }
  })
}

async function cancelEvents(
  rooms: ServerRooms,
  { task, run }: TaskSnapshot,
  principal: Principal,
): Promise<NewEvent[]> {
  const at = rooms.clock.now()
  const envelope = { run: run.id, attempt: run.attempt === 0 ? null : run.attempt, at, contents: {} }
  const events: NewEvent[] = []
  if (!isTerminal(run.state)) {
    const open = rooms.dispatcher.running(run.id)?.openCall
    if (open !== undefined) {
      events.push({ ...envelope, kind: 'model.failed', facts: await chargeOpenCall(rooms.models, open, 'cancelled') })
    }
    for (const { step, action } of await openActionsOf(rooms, task.id, run)) {
      const facts = { step, action, outcome: 'unknown' as const, duration_ms: 0 }
      events.push({ ...envelope, kind: 'action.settled', facts })
    }
  }
  events.push({ ...envelope, kind: 'run.cancelled', facts: { by: principal.userId } })
  return events
}
