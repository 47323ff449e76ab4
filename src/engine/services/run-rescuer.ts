import type { EventFacts, NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Run } from '../../domain/task.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { recordEvents } from '../../journal/record-events.ts'
import { currentAttempt, journalAt } from '../../store/commit.ts'
import { readOpenWork, settleOpenWork } from '../open-work.ts'
import type { ServerRooms } from '../server-rooms.ts'

const batchSize = 500

/**
 * Puts back into the queue what a process that died was running. To be called before the first claim: with one process per
 * data folder, whatever stands as running then has lost its worker. After `attempts_lost_max` lost attempts the run fails.
 * Answers with the number of runs that were taken up.
 */
export async function rescueRuns(rooms: ServerRooms): Promise<number> {
  let rescued = 0
  for (;;) {
    const ids = await rooms.store.listRunsInState('running', batchSize)
    if (ids.length === 0) return rescued
    const lost = await Promise.all(
      ids.map(async (id) => {
        const run = await rooms.store.readRun(id)
        return run === undefined ? undefined : loseAttempt(rooms, id, run.attempt, 'died')
      }),
    )
    if (lost.every((run) => run === undefined)) throw new Error('Running runs are left that cannot be taken up.')
    rescued += ids.length
  }
}

/** Records that an attempt came to nothing: the run is queued again, or fails when it has lost too many. */
export async function loseAttempt(
  rooms: ServerRooms,
  runId: string,
  attempt: number,
  reason: EventFacts['attempt.lost']['reason'],
): Promise<Run | undefined> {
  for (;;) {
    const run = await rooms.store.readRun(runId)
    const snapshot = run && (await rooms.store.readSnapshot(run.taskId))
    if (snapshot === undefined || snapshot.run.id !== runId || snapshot.run.attempt !== attempt) return undefined
    if (snapshot.run.state !== 'running') return undefined
    const lost = await commitLost(rooms, snapshot, reason)
    if (lost !== 'changed') return lost
  }
}

/** Undefined where the attempt is no longer the current one; `changed` where the journal grew since it was read. */
async function commitLost(
  rooms: ServerRooms,
  snapshot: TaskSnapshot,
  reason: EventFacts['attempt.lost']['reason'],
): Promise<Run | undefined | 'changed'> {
  const { id: runId, attempt } = snapshot.run
  const at = rooms.clock.now()
  const events: NewEvent[] = [
    { kind: 'attempt.lost', run: runId, attempt, at, facts: { attempt, reason }, contents: {} },
  ]
  if (snapshot.run.lostAttempts + 1 >= rooms.limits.attempts_lost_max && reason !== 'handed_back') {
    events.push(...settleOpenWork(await readOpenWork(rooms, snapshot.task, snapshot.run), snapshot.run, at))
    const message = `The run lost ${snapshot.run.lostAttempts + 1} attempts: the server stopped or broke each time.`
    const error = { code: 'attempts_lost', message }
    events.push({ kind: 'run.failed', run: runId, attempt, at, facts: { error }, contents: {} })
  }
  const outcome = await commitEvents(rooms, [recordEvents(rooms, snapshot, events)], {
    require: [currentAttempt(runId, attempt), journalAt(snapshot.task.id, snapshot.task.lastSeq)],
  })
  if (!outcome.committed) return outcome.refused.name === 'journalAt' ? 'changed' : undefined
  return outcome.after[0]?.run
}
