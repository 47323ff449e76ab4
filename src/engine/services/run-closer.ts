import { setImmediate } from 'node:timers/promises'
import { isRefusal } from '../../domain/refusal.ts'
import { isStorageUnavailable } from '../../domain/storage-unavailable.ts'
import type { EngineDeps } from '../engine-deps.ts'
import type { EndedRun } from './close-run.ts'
import { closeRuns } from './close-runs.ts'
import { createPollLoop, type Service } from './poll-loop.ts'

/** The longest time between two polls in milliseconds, where no commit of this process wakes the closer. */
const pollEveryMs = 1_000
/**
 * Commits that come within this many milliseconds make one poll: few of them end a run, and closings are cheaper together.
 */
const gatherMs = 20
const closedAtOnce = 128

/** Named moments, for tests. */
export interface RunCloserSignals {
  closed?(run: EndedRun): void
  polled?(closed: number): void
}

/**
 * Closes every run that has ended, however it did: its closing statement goes to the log, and the rest of a sub-task's budget
 * goes back to its parent. It misses none: the store keeps an index of ended runs that are not closed, which is polled after
 * commits of this process, every second, and at the start, for what a crash has left.
 */
export function createRunCloser(deps: EngineDeps, signals: RunCloserSignals = {}): Service {
  const { store, clock, log, wakeup } = deps
  /** The runs that a defect keeps from being closed. Each is reported once, and left alone until the next start. */
  const broken = new Set<string>()

  const report = {
    closed: (run: EndedRun) => signals.closed?.(run),
    failed({ runId }: EndedRun, error: unknown) {
      // The store is unavailable for a while, so everything is tried again later.
      if (isStorageUnavailable(error)) throw error
      // The journal kept changing. The next poll finds the run again.
      if (isRefusal(error, 'task_busy')) return
      broken.add(runId)
      log.error({ err: error, run: runId }, 'a run could not be closed')
    },
  }
  const loop = createPollLoop({
    clock,
    async poll(isStopping) {
      let closed = 0
      while (!isStopping()) {
        const unclosed = await store.listUnclosedRuns(closedAtOnce + broken.size)
        const found = unclosed.filter(({ runId }) => !broken.has(runId))
        const now = await closeRuns(deps, found, report)
        closed += now
        if (now < closedAtOnce) break // that was all, or the rest is better tried later
        await setImmediate()
      }
      signals.polled?.(closed)
      return pollEveryMs
    },
    onError(error) {
      log.warn({ err: error }, 'ended runs could not be closed; trying again')
      return pollEveryMs
    },
  })
  let unlisten = () => {}
  return {
    start() {
      unlisten = wakeup.listenToAll(() => loop.wake(gatherMs))
      loop.start(0)
    },
    stop() {
      unlisten()
      return loop.stop()
    },
  }
}
