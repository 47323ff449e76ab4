import type { Run } from '../../domain/task.ts'
import type { AttemptEnd, ClaimedRun } from '../../runner/attempt.ts'
import type { AttemptControl } from '../../runner/attempt-control.ts'
import { retryWhileUnavailable } from '../../runner/retry-while-store-unavailable.ts'
import { runAttempt } from '../../runner/run-attempt.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { recordAgentOutcome } from './record-agent-outcome.ts'
import { loseAttempt } from './run-rescuer.ts'
import type { RunningLoad } from './running-load.ts'

/** The end of an attempt, and the run where it is queued again. */
export interface ExecutedAttempt {
  readonly end: AttemptEnd | { readonly kind: 'broke' }
  readonly queued: Run | undefined
}

/**
 * Executes one attempt to its end. A run that is handed back, or whose attempt broke, is queued again, and failures of an
 * agent's own configuration are counted. Rejects only where even the loss could not be recorded: then the run's row still
 * says running, and the next start takes it up.
 */
export async function executeAttempt(
  deps: EngineDeps,
  claimed: ClaimedRun,
  control: AttemptControl,
  load: RunningLoad,
): Promise<ExecutedAttempt> {
  const { run, task } = claimed.snapshot
  try {
    const end = await runAttempt(deps, claimed, control)
    if (end.kind === 'ended' || end.kind === 'superseded') deps.runKeys.delete(run.id)
    if (end.kind === 'ended') await recordAgentOutcome(deps, run.agentId, end.configuration, load)
    const after = end.kind === 'handed_back' ? (await deps.store.readSnapshot(task.id))?.run : undefined
    return { end, queued: queuedOnly(after) }
  } catch (error) {
    deps.log.error({ err: error, run: run.id, attempt: run.attempt }, 'an attempt broke')
    return { end: { kind: 'broke' }, queued: queuedOnly(await recordBroken(deps, run, control)) }
  }
}

function queuedOnly(run: Run | undefined): Run | undefined {
  return run?.state === 'queued' ? run : undefined
}

/**
 * Records a broken attempt, and waits while the store is unavailable: a run that stands as running without anybody driving it
 * would otherwise wait for the next start.
 */
function recordBroken(deps: EngineDeps, run: Run, { signal }: AttemptControl): Promise<Run | undefined> {
  return retryWhileUnavailable(deps.clock, signal, () => loseAttempt(deps, run.id, run.attempt, 'broke'))
}
