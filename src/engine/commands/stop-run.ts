import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { moveRun } from '../../domain/move-run.ts'
import type { Principal } from '../../domain/principal.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { type IdempotentRequest, runIs } from '../../store/commit.ts'
import { readTaskToChange } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'

/**
 * Pauses the task's latest run and keeps everything. A run that is queued or waits is paused at once. A running one is paused
 * at its next boundary (between two steps or actions), which this does not wait for; where it reaches none within
 * `stop_grace_seconds`, its model call or action is interrupted. Nothing begins after the stop is on disk. A second request
 * changes nothing. Refuses `run_settled`.
 */
export async function stopRun(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
  request?: IdempotentRequest,
): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskToChange(deps, principal, taskId)
    const { run } = snapshot
    if (run.state === 'paused' || (run.state === 'running' && run.stopRequestedAt !== null)) return snapshot
    moveRun(run.state, 'paused')
    const envelope = { run: run.id, attempt: null, at: deps.clock.now(), contents: {}, facts: {} }
    const event: NewEvent =
      run.state === 'running' ? { ...envelope, kind: 'run.stop_requested' } : { ...envelope, kind: 'run.paused' }
    const after = await recordAndCommit(deps, snapshot, [event], {
      require: [runIs(run.id, [run.state], run.attempt)],
      request,
    })
    if (after === undefined) return undefined
    deps.attempts.controlOf(run.id)?.pause()
    return after
  })
}
