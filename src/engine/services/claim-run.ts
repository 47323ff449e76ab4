import type { Proposal } from '../../dispatch/dispatch.ts'
import type { NewEvent } from '../../domain/event.ts'
import { evolve, type TaskSnapshot } from '../../domain/evolve.ts'
import { appendEvents } from '../../runner/append-events.ts'
import type { ClaimedRun } from '../../runner/attempt.ts'
import { runIs } from '../../store/commit.ts'
import type { ServerRooms } from '../server-rooms.ts'

/** Claims a queued run for this process, or answers undefined when somebody else was first. */
export async function claimRun(rooms: ServerRooms, { taskId, runId }: Proposal): Promise<ClaimedRun | undefined> {
  const snapshot = await rooms.store.readSnapshot(taskId)
  if (snapshot === undefined || snapshot.run.id !== runId || snapshot.run.state !== 'queued') return undefined
  const event = claimEvent(snapshot, rooms.clock.now())
  const next = evolve(snapshot, event)
  const outcome = await rooms.store.commit({
    require: [runIs(runId, ['queued'], snapshot.run.attempt)],
    write: [...appendEvents(rooms, snapshot.task, [event]), { kind: 'save_run', run: next.run }],
  })
  if (!outcome.committed) return undefined
  rooms.wakeup.hint(taskId)
  return { snapshot: { ...next, task: { ...next.task, lastSeq: outcome.lastSeq[taskId] ?? next.task.lastSeq } } }
}

export function claimEvent({ run }: TaskSnapshot, at: number): NewEvent {
  const attempt = run.attempt + 1
  return { kind: 'run.claimed', run: run.id, attempt, at, facts: { attempt }, contents: {} }
}
