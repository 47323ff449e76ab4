import { setImmediate } from 'node:timers/promises'
import { isRefusal } from '../../domain/refusal.ts'
import type { ServerDeps } from '../server-deps.ts'
import { singleFlight } from '../single-flight.ts'
import type { EndedRun } from './close-run.ts'
import { closeRuns } from './close-runs.ts'

/** How long it trusts that a hint would have come. */
const lookEveryMs = 1_000
/** Hints that come within this time make one look: most are no end of a run, and closings are cheaper together. */
const gatherMs = 20
const closedAtOnce = 128

/** Named moments, for tests. */
export interface RunCloserSignals {
  closed?(run: EndedRun): void
  looked?(closed: number): void
}

/**
 * Closes every run that has ended, however it did: its closing statement goes to the log, and what a sub-task has left goes
 * back to its parent. It misses none: what has ended and is not closed stands in an index of the store, which is looked at
 * after commits of this process, every second, and at the start, for what a crash has left.
 * Answers a function that stops it and waits for what is under way.
 */
export function startRunCloser(deps: ServerDeps, signals: RunCloserSignals = {}): () => Promise<void> {
  const { store, clock, log, wakeup } = deps
  /** Our own mistakes: reported once, and left alone until the next start. */
  const broken = new Set<string>()
  let stopped = false
  let gathering = false
  let cancelTimer: () => void = () => undefined
  let looking: Promise<void> = Promise.resolve()

  const report = {
    closed: (run: EndedRun) => signals.closed?.(run),
    failed({ runId }: EndedRun, error: unknown) {
      // The store's own troubles pass: then all of it is tried again.
      if (isRefusal(error, 'storage_unavailable') || isRefusal(error, 'overloaded')) throw error
      // The journal kept changing; there is a next look.
      if (isRefusal(error, 'task_busy')) return
      broken.add(runId)
      log.error({ err: error, run: runId }, 'a run could not be closed')
    },
  }
  const lookOnce = async () => {
    cancelTimer()
    gathering = false
    let closed = 0
    while (!stopped) {
      const unclosed = await store.listUnclosedRuns(closedAtOnce + broken.size)
      const found = unclosed.filter(({ runId }) => !broken.has(runId))
      const now = await closeRuns(deps, found, report)
      closed += now
      if (now < closedAtOnce) break // that was all, or the rest is better tried later
      await setImmediate()
    }
    if (!gathering) plan(lookEveryMs)
    signals.looked?.(closed)
  }
  const plan = (ms: number) => {
    cancelTimer()
    if (!stopped) cancelTimer = clock.after(ms, look)
  }
  const look: () => void = singleFlight(
    () => {
      looking = lookOnce()
      return looking
    },
    (error) => {
      log.warn({ err: error }, 'the closer could not look; trying again')
      plan(lookEveryMs)
    },
  )
  const unlisten = wakeup.listenToAll(() => {
    if (gathering || stopped) return
    gathering = true
    plan(gatherMs)
  })

  look()
  return async () => {
    stopped = true
    unlisten()
    cancelTimer()
    await looking.catch(() => undefined) // told where it was looked
  }
}
