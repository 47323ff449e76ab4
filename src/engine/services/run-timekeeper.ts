import type { NewEvent } from '../../domain/event.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { runIs } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readOpenWork, settleOpenWork } from '../open-work.ts'
import { createPollLoop, type Service } from './poll-loop.ts'

const pollEveryMs = 1_000
const forgetEveryMs = 3_600_000
const batchSize = 100

/** Named moments, for tests. */
export interface TimekeeperSignals {
  polled?(failed: number): void
}

/**
 * Ends runs that waited too long: a run that stood in the queue for longer than its queue timeout fails with `queue_timeout`.
 * Forgets idempotency keys after `idempotency_hours`.
 */
export function createRunTimekeeper(deps: EngineDeps, signals: TimekeeperSignals = {}): Service {
  const { store, clock, limits, log } = deps
  let forgetAt = clock.now()

  const forgetIdempotencyKeys = async () => {
    if (clock.now() < forgetAt) return
    forgetAt = clock.now() + forgetEveryMs
    const before = clock.now() - limits.idempotency_hours * 3_600_000
    await store.commit({ write: [{ kind: 'forget_idempotency', before }] })
  }
  const loop = createPollLoop({
    clock,
    async poll() {
      const overdue = await store.listOverdue(clock.now(), batchSize)
      const failed = await Promise.all(overdue.map((runId) => failOverdue(deps, runId)))
      await forgetIdempotencyKeys()
      signals.polled?.(failed.filter(Boolean).length)
      return pollEveryMs
    },
    onError(error) {
      log.warn({ err: error }, 'overdue runs could not be read; trying again')
      return pollEveryMs
    },
  })
  return { start: () => loop.start(pollEveryMs), stop: loop.stop }
}

async function failOverdue(deps: EngineDeps, runId: string): Promise<boolean> {
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
