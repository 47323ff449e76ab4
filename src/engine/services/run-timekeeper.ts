import type { NewEvent } from '../../domain/event.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { runIs } from '../../store/commit.ts'
import { readOpenWork, settleOpenWork } from '../open-work.ts'
import type { ServerRooms } from '../server-rooms.ts'

const lookEveryMs = 1_000
const forgetEveryMs = 3_600_000
const batchSize = 100

/** Named moments, for tests. */
export interface TimekeeperSignals {
  looked?(failed: number): void
}

/**
 * Ends what has waited too long: a run that stood in the queue longer than its queue timeout fails with `queue_timeout`.
 * Also forgets idempotency keys that are past their time. Answers a function that stops it and waits for the look under way.
 */
export function startRunTimekeeper(rooms: ServerRooms, signals: TimekeeperSignals = {}): () => Promise<void> {
  let stopped = false
  let cancel: () => void = () => undefined
  let looking: Promise<void> = Promise.resolve()
  let forgetAt = rooms.clock.now()

  const look = async () => {
    try {
      const ids = await rooms.store.listOverdue(rooms.clock.now(), batchSize)
      const failed = await Promise.all(ids.map((id) => failOverdue(rooms, id)))
      if (rooms.clock.now() >= forgetAt) {
        forgetAt = rooms.clock.now() + forgetEveryMs
        const before = rooms.clock.now() - rooms.limits.idempotency_hours * 3_600_000
        await rooms.store.commit({ write: [{ kind: 'forget_idempotency', before }] })
      }
      signals.looked?.(failed.filter(Boolean).length)
    } catch (error) {
      rooms.log.warn({ err: error }, 'the timekeeper could not look; trying again')
    }
    plan()
  }
  const plan = () => {
    if (stopped) return
    cancel = rooms.clock.after(lookEveryMs, () => {
      looking = look()
    })
  }
  plan()
  return () => {
    stopped = true
    cancel()
    return looking
  }
}

async function failOverdue(rooms: ServerRooms, runId: string): Promise<boolean> {
  const run = await rooms.store.readRun(runId)
  const snapshot = run && (await rooms.store.readSnapshot(run.taskId))
  if (run === undefined || snapshot?.run.id !== runId || snapshot.run.state !== 'queued') return false
  const message = `The run stood in the queue for longer than ${snapshot.run.config.queueTimeoutMs / 1_000} s.`
  const facts = { error: { code: 'queue_timeout', message } }
  const at = rooms.clock.now()
  // An attempt that was lost may have left something open.
  const open = await readOpenWork(rooms, snapshot.task, snapshot.run)
  const failed: NewEvent = { kind: 'run.failed', run: runId, attempt: null, at, facts, contents: {} }
  const settled = await settleOpenWork(rooms, open, snapshot.run, at, 'lost')
  const events = [...settled.events, failed]
  const require = [runIs(runId, ['queued'], snapshot.run.attempt)]
  return (await recordAndCommit(rooms, snapshot, events, { require })) !== undefined
}
