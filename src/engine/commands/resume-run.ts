import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { runIs } from '../../store/commit.ts'
import { readTaskToChange } from '../read-task-for.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerRooms } from '../server-rooms.ts'

/**
 * Puts a paused run back into the queue; it goes on where it stood. Refuses `run_settled` when it has ended and
 * `move_refused` when it is not paused.
 */
export async function resumeRun(rooms: ServerRooms, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskToChange(rooms, principal, taskId)
    const { run } = snapshot
    if (isTerminal(run.state)) throw new Refusal('run_settled', `The run has ended (${run.state}).`)
    if (run.state !== 'paused') {
      throw new Refusal('move_refused', `Only a paused run can be resumed; this one is ${run.state}.`)
    }
    const at = rooms.clock.now()
    const event: NewEvent = { kind: 'run.resumed', run: run.id, attempt: null, at, facts: {}, contents: {} }
    const after = await recordAndCommit(rooms, snapshot, [event], { require: [runIs(run.id, ['paused'], run.attempt)] })
    if (after !== undefined) rooms.dispatcher.enqueued(after.run)
    return after
  })
}
