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
import { readOpenWork, settleOpenWork } from '../open-work.ts'
import { retryChanged } from '../retry-changed.ts'

const pageSize = 200

/**
 * Ends the task's latest run for good. It is final at its commit: the same commit settles open actions as unknown and charges
 * a model call under way its estimate. Then the work is aborted, and its late results change nothing. Sub-tasks, and theirs,
 * are cancelled in the same commit. Refuses `run_settled` when the run has ended (a cancelled one too: the caller's dialect
 * decides what that means).
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
    const [first] = (await cancelTogether(deps, principal, together, request)) ?? []
    return first
  })
  // Sub-tasks may have been submitted between the reading and the commit. The commit lets in no more of them.
  await retryChanged(async () => cancelTogether(deps, principal, await openSubTasksOf(deps, taskId)))
  return cancelled
}

/**
 * Cancels the latest runs of all these tasks in one commit. Cancels none, and answers undefined, where one of them has
 * changed since it was read.
 */
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
    // The open work was read up to this seq, and is settled from that.
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

/**
 * Completes a call from the attempt that makes it in this process, which alone knows whether it was sent and how far its
 * answer has come.
 */
function knownCall(deps: Pick<EngineDeps, 'attempts'>, runId: string, call: LostCall): ReservedCall {
  const current = deps.attempts.controlOf(runId)?.call
  return current?.step === call.step && current.tryNumber === call.tryNumber ? current : call
}

/** Lists the sub-tasks of a task, and theirs in turn, whose latest run has not ended; also those below one that has. */
async function openSubTasksOf(deps: Pick<EngineDeps, 'store'>, taskId: string): Promise<TaskSnapshot[]> {
  const open: TaskSnapshot[] = []
  const parents = [taskId]
  for (const parentId of parents) {
    for await (const { id, state } of subTasksOf(deps, parentId)) {
      parents.push(id) // its own sub-tasks are listed further on
      const snapshot = isTerminal(state) ? undefined : await deps.store.readSnapshot(id)
      if (snapshot !== undefined && !isTerminal(snapshot.run.state)) open.push(snapshot)
    }
  }
  return open
}

async function* subTasksOf({ store }: Pick<EngineDeps, 'store'>, parentId: string) {
  let before = Number.MAX_SAFE_INTEGER
  for (;;) {
    const page = await store.listTasks({ parentId }, { limit: pageSize, before: { number: before } })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return
    before = last.number
  }
}
