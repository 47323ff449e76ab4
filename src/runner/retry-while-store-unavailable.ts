import { sleep } from '../clock/clock.ts'
import { isRefusal } from '../domain/refusal.ts'
import type { Attempt } from './attempt.ts'

/**
 * Runs `work` until the storage takes it. A refused commit has written nothing, so it is safe to repeat. The fault is
 * reported to health and the log meanwhile, and the run waits instead of failing for it. Rejects with the signal's reason
 * when the attempt is aborted, and with any other error at once.
 */
export async function retryWhileStoreUnavailable<T>(
  { deps, control }: Pick<Attempt, 'deps' | 'control'>,
  work: () => Promise<T>,
): Promise<T> {
  let endReport: () => void = () => undefined
  try {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        const isUnavailable = isRefusal(error, 'storage_unavailable')
        if (!isUnavailable && !isRefusal(error, 'overloaded')) throw error
        endReport()
        if (isUnavailable) endReport = deps.faults.report(error.message)
        await sleep(deps.clock, error.retryAfterMs ?? 1_000, control.signal)
      }
    }
  } finally {
    endReport()
  }
}
