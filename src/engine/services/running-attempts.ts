import type { AttemptEnd, ClaimedRun } from '../../runner/attempt.ts'
import { type AttemptControl, createAttemptControl } from '../../runner/attempt-control.ts'
import type { ServerDeps } from '../server-deps.ts'
import { executeAttempt } from './execute-attempt.ts'
import type { RunningLoad } from './running-load.ts'

/** Named moments, for tests. */
export interface DispatcherSignals {
  attemptEnded?(runId: string, end: AttemptEnd | { kind: 'broke' }): void
}

/** The attempts that run in this process, and their handles. */
export function createRunningAttempts(getDeps: () => ServerDeps, load: RunningLoad, signals: DispatcherSignals) {
  const running = new Map<string, { control: AttemptControl; done: Promise<void> }>()
  let stopping = false

  const execute = async (claimed: ClaimedRun, control: AttemptControl, ended: () => void) => {
    const { id } = claimed.snapshot.run
    try {
      const end = await executeAttempt(getDeps(), claimed, control, load)
      signals.attemptEnded?.(id, end)
    } catch (error) {
      // Its row still says running: the next start takes it up.
      getDeps().log.error({ err: error, run: id }, 'an attempt could not be ended')
    } finally {
      running.delete(id)
      ended()
    }
  }

  return {
    launch(claimed: ClaimedRun, ended: () => void) {
      const { clock, limits } = getDeps()
      const control = createAttemptControl(clock, limits.stop_grace_seconds * 1_000)
      if (stopping) control.handBack()
      running.set(claimed.snapshot.run.id, { control, done: execute(claimed, control, ended) })
    },
    controlOf: (runId: string) => running.get(runId)?.control,
    get size() {
      return running.size
    },
    /** Lets what runs reach a boundary, and cuts after `graceMs` what has not; waits until all of it is handed back. */
    async stop(graceMs: number) {
      stopping = true
      let cut = false
      const cutAll = () => {
        cut = true
        for (const { control } of running.values()) control.abort('handed_back')
      }
      const cancel = getDeps().clock.after(graceMs, cutAll)
      while (running.size > 0) {
        for (const { control } of running.values()) if (control.stopAt === 'never') control.handBack()
        if (cut) cutAll()
        await Promise.race([...running.values()].map(({ done }) => done))
      }
      cancel()
    },
  }
}
