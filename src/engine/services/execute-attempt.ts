import { sleep } from '../../clock/clock.ts'
import { isRefusal } from '../../domain/refusal.ts'
import type { Run } from '../../domain/task.ts'
import type { AttemptEnd, ClaimedRun } from '../../runner/attempt.ts'
import type { AttemptControl } from '../../runner/attempt-control.ts'
import { runAttempt } from '../../runner/run-attempt.ts'
import type { ServerDeps } from '../server-deps.ts'
import { recordAgentOutcome } from './record-agent-outcome.ts'
import { loseAttempt } from './run-rescuer.ts'
import type { RunningLoad } from './running-load.ts'

/**
 * Executes one attempt, with what the engine owes it: a run that is handed back, or whose attempt broke, is queued again, and
 * failures of an agent's own configuration are counted.
 */
export async function executeAttempt(
  deps: ServerDeps,
  claimed: ClaimedRun,
  control: AttemptControl,
  load: RunningLoad,
): Promise<AttemptEnd | { kind: 'broke' }> {
  const { run, task } = claimed.snapshot
  try {
    const end = await runAttempt(deps, claimed, control)
    if (end.kind === 'ended' || end.kind === 'superseded') deps.runKeys.delete(run.id)
    if (end.kind === 'ended') await recordAgentOutcome(deps, run.agentId, end.configuration, load)
    if (end.kind === 'handed_back') requeue(deps, (await deps.store.readSnapshot(task.id))?.run)
    return end
  } catch (error) {
    deps.log.error({ err: error, run: run.id, attempt: run.attempt }, 'an attempt broke')
    requeue(deps, await recordBroken(deps, run, control))
    return { kind: 'broke' }
  }
}

function requeue({ dispatcher }: ServerDeps, run: Run | undefined): void {
  if (run?.state === 'queued') dispatcher.enqueued(run)
}

/** Waits for a store that refuses, since a run that stands as running and that nobody drives would wait for the next start. */
async function recordBroken(deps: ServerDeps, run: Run, { signal }: AttemptControl): Promise<Run | undefined> {
  for (;;) {
    try {
      return await loseAttempt(deps, run.id, run.attempt, 'broke')
    } catch (error) {
      if (!isRefusal(error, 'storage_unavailable') && !isRefusal(error, 'overloaded')) throw error
      await sleep(deps.clock, error.retryAfterMs ?? 1_000, signal)
    }
  }
}
