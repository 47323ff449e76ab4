import type { Content } from '../../domain/content.ts'
import type { EventFacts, NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { lostAttemptDelayMs } from '../../domain/retry.ts'
import type { Run, RunError } from '../../domain/task.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { recordEvents } from '../../journal/record-events.ts'
import { currentAttempt, journalAt } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readOpenWork, settleOpenWork } from '../open-work.ts'

const batchSize = 500

/**
 * Puts back into the queue the runs of a process that died. It is called before the first claim: with one process per data
 * folder, every run that stands as running then has lost its worker. After `attempts_lost_max` lost attempts a run fails.
 * Answers with the number of runs that were taken up.
 */
export async function rescueRuns(deps: EngineDeps): Promise<number> {
  let rescued = 0
  for (;;) {
    const ids = await deps.store.listRunsInState('running', batchSize)
    if (ids.length === 0) return rescued
    const lost = await Promise.all(
      ids.map(async (id) => {
        const run = await deps.store.readRun(id)
        return run === undefined ? undefined : loseAttempt(deps, id, run.attempt, 'died')
      }),
    )
    if (lost.every((run) => run === undefined)) throw new Error('Running runs are left that cannot be taken up.')
    rescued += ids.length
  }
}

/**
 * Records that an attempt was lost: the run is queued again, is paused where a stop was pending, or fails when it has lost
 * too many. Changes nothing, and answers undefined, where the attempt is no longer the current one.
 */
export async function loseAttempt(
  deps: EngineDeps,
  runId: string,
  attempt: number,
  reason: EventFacts['attempt.lost']['reason'],
): Promise<Run | undefined> {
  for (;;) {
    const run = await deps.store.readRun(runId)
    const snapshot = run && (await deps.store.readSnapshot(run.taskId))
    if (snapshot === undefined || snapshot.run.id !== runId || snapshot.run.attempt !== attempt) return undefined
    if (snapshot.run.state !== 'running') return undefined
    const lost = await commitLost(deps, snapshot, reason)
    if (lost !== 'changed') return lost
  }
}

type LossReason = EventFacts['attempt.lost']['reason']

/**
 * Answers undefined where the attempt is no longer the current one, and `changed` where the journal grew since it was read.
 */
async function commitLost(
  deps: EngineDeps,
  snapshot: TaskSnapshot,
  reason: LossReason,
): Promise<Run | undefined | 'changed'> {
  const { run, task } = snapshot
  const { events, contents } = await lossEvents(deps, snapshot, reason)
  const outcome = await commitEvents(deps, [recordEvents(deps, snapshot, events, { contents })], {
    require: [currentAttempt(run.id, run.attempt), journalAt(task.id, task.lastSeq)],
  })
  if (!outcome.committed) return outcome.refused.name === 'journalAt' ? 'changed' : undefined
  return outcome.after[0]?.run
}

/**
 * Makes the events of a lost attempt. The run is queued again after a delay; it is paused where a stop was pending, and fails
 * where it lost too many attempts.
 */
async function lossEvents(
  deps: EngineDeps,
  { task, run }: TaskSnapshot,
  reason: LossReason,
): Promise<{ readonly events: readonly NewEvent[]; readonly contents: readonly Content[] }> {
  const at = deps.clock.now()
  const envelope = { run: run.id, attempt: run.attempt, at, contents: {} }
  const lostAttempts = run.lostAttempts + (reason === 'handed_back' ? 0 : 1)
  const delayMs = lostAttemptDelayMs(lostAttempts, reason)
  const facts = { attempt: run.attempt, reason, not_before: delayMs === 0 ? undefined : at + delayMs }
  const lost: NewEvent = { ...envelope, kind: 'attempt.lost', facts }
  if (lostAttempts >= deps.limits.attempts_lost_max && reason !== 'handed_back') {
    const settled = await settleOpenWork(deps, await readOpenWork(deps, task, run), run, at, 'lost')
    const failed: NewEvent = { ...envelope, kind: 'run.failed', facts: { error: lossError(lostAttempts, reason) } }
    return { events: [lost, ...settled.events, failed], contents: settled.contents }
  }
  if (run.stopRequestedAt === null) return { events: [lost], contents: [] }
  return { events: [lost, { ...envelope, kind: 'run.paused', facts: {} }], contents: [] }
}

/** Makes the error that the run fails with. Neither is the fault of the agent or of the model. */
function lossError(lostAttempts: number, reason: LossReason): RunError {
  if (reason === 'broke') {
    const message = `The server could not execute the task in ${lostAttempts} attempts. Its log says why.`
    return { code: 'platform_unavailable', message }
  }
  return { code: 'attempts_lost', message: `The task lost ${lostAttempts} attempts: the server stopped during each.` }
}
