import type { Content } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { moveRun } from '../../domain/move-run.ts'
import type { Principal } from '../../domain/principal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { type RecordedEvents, recordEvents } from '../../journal/record-events.ts'
import type { LostCall, ReservedCall } from '../../runner/reserved-call.ts'
import { type IdempotentRequest, journalAt, type Requirement, runIs } from '../../store/commit.ts'
import { readTaskToChange } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { openSubTasksOf } from '../open-sub-tasks.ts'
import { readOpenWork, settleOpenWork } from '../open-work.ts'
import { retryChanged } from '../retry-changed.ts'

/**
 * Ends the task's latest run for good. Terminal at its commit: open actions are settled as unknown and a model call under
 * way is charged its estimate in the same commit; then the work is aborted, and what it still says changes nothing.
 * Its sub-tasks, and theirs, are cancelled in the same commit.
 * Refuses `run_settled` when the run has ended (a cancelled one too: the caller's dialect decides what that means).
 */
export async function cancelRun(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
  request?: IdempotentRequest,
): Promise<TaskSnapshot> {
  const cancelled = await retryChanged(async () => {
    const snapshot = await readTaskToChange(deps, principal, taskId)
    moveRun(snapshot.run.state, 'cancelled')
    const together = [snapshot, ...(await openSubTasksOf(deps, taskId))]
    const [own] = (await cancelTogether(deps, principal, together, request)) ?? []
    return own
  })
  // Those that were submitted between the look and the commit; the commit lets in no more.
  await retryChanged(async () => cancelTogether(deps, principal, await openSubTasksOf(deps, taskId)))
  return cancelled
}

/** Cancels the latest runs of all these tasks, or of none (undefined) where one of them was changed since it was read. */
async function cancelTogether(
  deps: EngineDeps,
  principal: Principal,
  snapshots: readonly TaskSnapshot[],
  request?: IdempotentRequest,
): Promise<TaskSnapshot[] | undefined> {
  if (snapshots.length === 0) return []
  const require: Requirement[] = []
  const recorded: RecordedEvents[] = []
  for (const snapshot of snapshots) {
    const { task, run } = snapshot
    const { events, contents } = await cancelEvents(deps, snapshot, principal)
    recorded.push(recordEvents(deps, snapshot, events, { contents }))
    // What is open is settled from the journal as it was read.
    require.push(runIs(run.id, [run.state], run.attempt), journalAt(task.id, task.lastSeq))
  }
  const outcome = await commitEvents(deps, recorded, { require, request })
  if (!outcome.committed) return undefined
  for (const { run } of outcome.after) deps.attempts.controlOf(run.id)?.abort('cancelled')
  return [...outcome.after]
}

async function cancelEvents(
  deps: EngineDeps,
  { task, run }: TaskSnapshot,
  principal: Principal,
): Promise<{ readonly events: NewEvent[]; readonly contents: readonly Content[] }> {
  const at = deps.clock.now()
  const attempt = run.attempt === 0 ? null : run.attempt
  const cancelled = { run: run.id, attempt, at, facts: { by: principal.userId }, contents: {} }
  const end: NewEvent = { ...cancelled, kind: 'run.cancelled' }
  if (isTerminal(run.state)) return { events: [end], contents: [] }
  const open = await readOpenWork(deps, task, run)
  const call = open.call === undefined ? undefined : knownCall(deps, run.id, open.call)
  const settled = await settleOpenWork(deps, { ...open, call }, run, at, 'cancelled')
  return { events: [...settled.events, end], contents: settled.contents }
}

/** Of a run that is executed here it is known whether its call was sent, and how far the answer has come. */
function knownCall(deps: EngineDeps, runId: string, call: LostCall): ReservedCall {
  const own = deps.attempts.controlOf(runId)?.call
  return own?.step === call.step && own.tryNumber === call.tryNumber ? own : call
}
