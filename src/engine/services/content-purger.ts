import { setImmediate } from 'node:timers/promises'
import { isRefusal } from '../../domain/refusal.ts'
import { isStorageUnavailable } from '../../domain/storage-unavailable.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { purgeContents } from '../purge-contents.ts'
import { countPurgedTasks, nextFilesAt, purgedTasksMax, removePurgedFiles } from '../purged-files.ts'
import { createPollLoop, type Service } from './poll-loop.ts'

/**
 * The longest time between two polls in milliseconds, for contents that become due meanwhile: a hold was lifted, a run ended
 * under a policy that keeps nothing.
 */
const pollEveryMs = 60_000
/** The shortest time between two polls, so that no fault makes it poll without a pause. */
const pollMinMs = 1_000
const purgedAtOnce = 20

/** Named moments, for tests. */
export interface PurgerSignals {
  purged?(taskId: string): void
  /** A poll has ended. It purged the contents of `purged` tasks and removed the files of `filesOf`. */
  polled?(purged: number, filesOf: number): void
}

/**
 * Purges the contents of tasks whose retention has passed, longest due first, each in a commit of its own, and removes the
 * files of purged tasks. The store knows what is due, so a crash or a fault only delays it: a poll at the start, and one at
 * each next due instant or after a minute, find everything. A stop waits for the task under way.
 */
export function createContentPurger(deps: EngineDeps, signals: PurgerSignals = {}): Service {
  const { store, clock, log } = deps

  /** Answers false where the task was left for a later poll. */
  const purgeOne = async (taskId: string): Promise<boolean> => {
    try {
      const snapshot = await store.readSnapshot(taskId)
      if (snapshot === undefined) return false
      const purged = await purgeContents(deps, snapshot, { by: 'retention', reason: 'retention' })
      if (purged === undefined) return false
      signals.purged?.(taskId)
      return true
    } catch (error) {
      if (isStorageUnavailable(error)) throw error
      // A new run or a hold came in between, so the contents are not due any more.
      if (isRefusal(error, 'task_busy') || isRefusal(error, 'task_held')) return false
      log.error({ err: error, task: taskId }, 'the contents of a task could not be purged; trying again')
      return false
    }
  }
  const purgeDue = async (isStopping: () => boolean): Promise<number> => {
    let purged = 0
    /** Tasks that failed are not tried twice in one poll, so that they do not hold up the others. */
    const left = new Set<string>()
    while (!isStopping() && (await countPurgedTasks(deps)) < purgedTasksMax) {
      const listed = await store.listPurgeable(clock.now(), purgedAtOnce + left.size)
      const due = listed.filter((taskId) => !left.has(taskId))
      for (const taskId of due) {
        if (isStopping()) break
        if (await purgeOne(taskId)) purged += 1
        else left.add(taskId)
        await setImmediate()
      }
      if (due.length === 0) break
    }
    return purged
  }
  const nextPollMs = async () => {
    const now = clock.now()
    const next = [await store.nextPurgeAt(now), await nextFilesAt(deps)].filter((at) => at !== undefined)
    return Math.max(pollMinMs, Math.min(pollEveryMs, ...next.map((at) => at - now)))
  }
  const loop = createPollLoop({
    clock,
    async poll(isStopping) {
      const purged = await purgeDue(isStopping)
      const filesOf = isStopping() ? 0 : await removePurgedFiles(deps)
      const nextMs = await nextPollMs()
      signals.polled?.(purged, filesOf)
      return nextMs
    },
    onError(error) {
      log.warn({ err: error }, 'the purger could not do its work; trying again')
      signals.polled?.(0, 0)
      return pollEveryMs
    },
  })
  return { start: () => loop.start(0), stop: loop.stop }
}
