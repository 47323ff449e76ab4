import { sleep } from '../clock/clock.ts'
import { isRefusal } from '../domain/refusal.ts'
import type { Attempt } from './attempt.ts'

/**
 * Waits until the storage takes what it refused: nothing of that was written, so it is tried again. What is waited for is
 * reported meanwhile. Rejects with the signal's reason when the attempt is aborted.
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
