import type { NewEvent } from '../../domain/event.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { runIs } from '../../store/commit.ts'
import { readOpenWork, settleOpenWork } from '../open-work.ts'
import type { ServerDeps } from '../server-deps.ts'

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
export function startRunTimekeeper(deps: ServerDeps, signals: TimekeeperSignals = {}): () => Promise<void> {
  let stopped = false
  let cancel: () => void = () => undefined
  let looking: Promise<void> = Promise.resolve()
  let forgetAt = deps.clock.now()

  const look = async () => {
    try {
      const ids = await deps.store.listOverdue(deps.clock.now(), batchSize)
      const failed = await Promise.all(ids.map((id) => failOverdue(deps, id)))
      if (deps.clock.now() >= forgetAt) {
        forgetAt = deps.clock.now() + forgetEveryMs
        const before = deps.clock.now() - deps.limits.idempotency_hours * 3_600_000
        await deps.store.commit({ write: [{ kind: 'forget_idempotency', before }] })
      }
      signals.looked?.(failed.filter(Boolean).length)
    } catch (error) {
      deps.log.warn({ err: error }, 'the timekeeper could not look; trying again')
    }
    plan()
  }
  const plan = () => {
    if (stopped) return
    cancel = deps.clock.after(lookEveryMs, () => {
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

async function failOverdue(deps: ServerDeps, runId: string): Promise<boolean> {
  const run = await deps.store.readRun(runId)
  const snapshot = run && (await deps.store.readSnapshot(run.taskId))
  if (run === undefined || snapshot?.run.id !== runId || snapshot.run.state !== 'queued') return false
  const message = `The task stood in the queue for longer than ${snapshot.run.config.queueTimeoutMs / 1_000} s.`
  const facts = { error: { code: 'queue_timeout', message } }
  const at = deps.clock.now()
  // An attempt that was lost may have left something open.
  const open = await readOpenWork(deps, snapshot.task, snapshot.run)
  const failed: NewEvent = { kind: 'run.failed', run: runId, attempt: null, at, facts, contents: {} }
  const settled = await settleOpenWork(deps, open, snapshot.run, at, 'lost')
  const events = [...settled.events, failed]
  const require = [runIs(runId, ['queued'], snapshot.run.attempt)]
  return (await recordAndCommit(deps, snapshot, events, { require })) !== undefined
}
