import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { type IdempotentRequest, runIs } from '../../store/commit.ts'
import { readTaskToChange } from '../access/read-task.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'

/**
 * Puts a paused run back into the queue, where it goes on from where it stood. A stop that is still pending is withdrawn
 * instead, and the same attempt goes on. Refuses `run_settled` when the run has ended and `move_refused` when it is neither
 * paused nor being stopped.
 */
export async function resumeRun(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  request?: IdempotentRequest,
): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskToChange(deps, principal, taskId)
    const { run } = snapshot
    const { state } = run
    if (isTerminal(state)) throw new Refusal('run_settled', `The run has ended (${state}).`, { state })
    const isStopping = state === 'running' && run.stopRequestedAt !== null
    if (state !== 'paused' && !isStopping) {
      throw new Refusal('move_refused', `Only a paused run can be resumed; this one is ${state}.`, { state })
    }
    const envelope = { run: run.id, attempt: null, at: deps.clock.now(), facts: {}, contents: {} }
    const event: NewEvent = { ...envelope, kind: isStopping ? 'run.stop_withdrawn' : 'run.resumed' }
    const require = [runIs(run.id, [state], run.attempt)]
    const after = await recordAndCommit(deps, snapshot, [event], { require, request })
    if (after === undefined) return undefined
    if (isStopping) deps.attempts.controlOf(run.id)?.withdrawPause()
    else deps.dispatcher.enqueued(after.run)
    return after
  })
}
