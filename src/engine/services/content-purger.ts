import { setImmediate } from 'node:timers/promises'
import { isRefusal } from '../../domain/refusal.ts'
import { purgeContents } from '../purge-contents.ts'
import { countNotes, nextFilesAt, notesMax, removePurgedFiles } from '../purged-files.ts'
import type { ServerDeps } from '../server-deps.ts'
import { singleFlight } from '../single-flight.ts'

/** The longest sleep: what has become due meanwhile (a hold was lifted, a run ended under a policy that keeps nothing). */
const lookAgainMs = 60_000
/** So that no fault makes it look without a pause. */
const lookEveryMs = 1_000
const purgedAtOnce = 20

/** Named moments, for tests. */
export interface PurgerSignals {
  purged?(taskId: string): void
  /** A look has ended: so many tasks were purged, and of so many the files were removed. */
  looked?(purged: number, filesOf: number): void
}

/**
 * Purges the contents of tasks whose retention has passed, longest due first, each in a commit of its own, and removes the files
 * of purged tasks. What is due stands in the store, so that a crash or a fault only delays it: the look at the start, and one at
 * each next due instant or after a minute, find all there is.
 * Answers a function that stops it after the task under way.
 */
export function startContentPurger(deps: ServerDeps, signals: PurgerSignals = {}): () => Promise<void> {
  const { store, clock, log } = deps
  let stopped = false
  let cancelTimer: () => void = () => undefined
  let looking: Promise<void> = Promise.resolve()

  /** False where it was left for a later look. */
  const purgeOne = async (taskId: string): Promise<boolean> => {
    try {
      const snapshot = await store.readSnapshot(taskId)
      if (snapshot === undefined) return false
      const purged = await purgeContents(deps, snapshot, { by: 'retention', reason: 'retention' })
      if (purged === undefined) return false
      signals.purged?.(taskId)
      return true
    } catch (error) {
      if (isRefusal(error, 'storage_unavailable') || isRefusal(error, 'overloaded')) throw error
      // A new run or a hold came in between: then it is not due any more.
      if (isRefusal(error, 'task_busy') || isRefusal(error, 'task_held')) return false
      log.error({ err: error, task: taskId }, 'the contents of a task could not be purged; trying again')
      return false
    }
  }
  const purgeDue = async (): Promise<number> => {
    let purged = 0
    /** Not twice in one look, and not in the way of the others. */
    const left = new Set<string>()
    while (!stopped && (await countNotes(deps)) < notesMax) {
      const listed = await store.listPurgeable(clock.now(), purgedAtOnce + left.size)
      const due = listed.filter((taskId) => !left.has(taskId))
      for (const taskId of due) {
        if (stopped) break
        if (await purgeOne(taskId)) purged += 1
        else left.add(taskId)
        await setImmediate()
      }
      if (due.length === 0) break
    }
    return purged
  }
  const lookOnce = async () => {
    cancelTimer()
    const purged = await purgeDue()
    const filesOf = stopped ? 0 : await removePurgedFiles(deps)
    await plan()
    signals.looked?.(purged, filesOf)
  }
  const plan = async () => {
    const now = clock.now()
    const next = [await store.nextPurgeAt(now), await nextFilesAt(deps)].filter((at) => at !== undefined)
    wake(Math.max(lookEveryMs, Math.min(lookAgainMs, ...next.map((at) => at - now))))
  }
  const wake = (ms: number) => {
    cancelTimer()
    if (!stopped) cancelTimer = clock.after(ms, look)
  }
  const look: () => void = singleFlight(
    () => {
      looking = lookOnce()
      return looking
    },
    (error) => {
      log.warn({ err: error }, 'the purger could not do its work; trying again')
      wake(lookAgainMs)
      signals.looked?.(0, 0)
    },
  )

  look()
  return async () => {
    stopped = true
    cancelTimer()
    await looking.catch(() => undefined) // told where it was looked
  }
}
