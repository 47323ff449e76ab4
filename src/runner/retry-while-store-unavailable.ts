import { sleep } from '../clock/clock.ts'
import { isRefusal } from '../domain/refusal.ts'
import type { Attempt } from './attempt.ts'

/**
 * Waits for a disk that is full or ill to be well again: nothing of what it refused was written, so it is simply tried
 * again. Ends early, with the signal's reason, when the attempt is cut.
 */
export async function retryWhileStoreUnavailable<T>(attempt: Attempt, write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!isRefusal(error, 'storage_unavailable') && !isRefusal(error, 'overloaded')) throw error
      await sleep(attempt.rooms.clock, error.retryAfterMs ?? 1_000, attempt.control.signal)
    }
  }
}
