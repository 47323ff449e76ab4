import type { EventFacts, NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { isTerminal, moveRun } from '../../domain/run-state.ts'
import type { Run } from '../../domain/task.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { type RecordedEvents, recordEvents } from '../../journal/record-events.ts'
import { chargeOpenCall, releaseCall } from '../../runner/call-model.ts'
import { journalAt, type Requirement, runIs } from '../../store/commit.ts'
import { openSubTasksOf } from '../open-sub-tasks.ts'
import { type OpenModelCall, readOpenWork, settleOpenWork } from '../open-work.ts'
import { readTaskToChange } from '../read-task-for.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerRooms } from '../server-rooms.ts'

/**
 * Ends the task's latest run for good. Terminal at its commit: open actions are settled as unknown and a model call under
 * way is charged its estimate in the same commit; then the work is aborted, and what it still says changes nothing.
 * Its sub-tasks, and theirs, are cancelled in the same commit.
 * Refuses `run_settled` when the run has ended (a cancelled one too: the caller's dialect decides what that means).
 */
export async function cancelRun(rooms: ServerRooms, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  const cancelled = await retryChanged(async () => {
    const snapshot = await readTaskToChange(rooms, principal, taskId)
    moveRun(snapshot.run.state, 'cancelled')
    const [own] = (await cancelTogether(rooms, principal, [snapshot, ...(await openSubTasksOf(rooms, taskId))])) ?? []
    return own
  })
  // Those that were submitted between the look and the commit; the commit lets in no more.
  await retryChanged(async () => cancelTogether(rooms, principal, await openSubTasksOf(rooms, taskId)))
  return cancelled
}

/** Cancels the latest runs of all these tasks, or of none (undefined) where one of them was changed since it was read. */
async function cancelTogether(
  rooms: ServerRooms,
  principal: Principal,
  snapshots: readonly TaskSnapshot[],
): Promise<TaskSnapshot[] | undefined> {
  if (snapshots.length === 0) return []
  const require: Requirement[] = []
  const recorded: RecordedEvents[] = []
  for (const snapshot of snapshots) {
    const { task, run } = snapshot
    recorded.push(recordEvents(rooms, snapshot, await cancelEvents(rooms, snapshot, principal)))
    // What is open is settled from the journal as it was read.
    require.push(runIs(run.id, [run.state], run.attempt), journalAt(task.id, task.lastSeq))
  }
  const outcome = await commitEvents(rooms, recorded, { require })
  if (!outcome.committed) return undefined
  for (const { run } of outcome.after) rooms.dispatcher.running(run.id)?.abort('cancelled')
  return [...outcome.after]
}

async function cancelEvents(
  rooms: ServerRooms,
  { task, run }: TaskSnapshot,
  principal: Principal,
): Promise<NewEvent[]> {
  const at = rooms.clock.now()
  const attempt = run.attempt === 0 ? null : run.attempt
  const events: NewEvent[] = []
  if (!isTerminal(run.state)) {
    const open = await readOpenWork(rooms, task, run)
    const known =
      run.state === 'running' && open.call !== undefined ? await knownCall(rooms, run, open.call) : undefined
    events.push(...settleOpenWork(open, run, at, known && (() => known)))
  }
  const facts = { by: principal.userId }
  return [...events, { kind: 'run.cancelled', run: run.id, attempt, at, facts, contents: {} }]
}

/** Of a run that is carried out here it is known whether the call was made, and how far it has come. */
async function knownCall(rooms: ServerRooms, { id }: Run, call: OpenModelCall): Promise<EventFacts['model.failed']> {
  const open = rooms.dispatcher.running(id)?.openCall
  const made = open?.step === call.step && open.tryNumber === call.tryNumber
  return made ? await chargeOpenCall(rooms.models, open, 'cancelled') : releaseCall(call, 'cancelled')
}
