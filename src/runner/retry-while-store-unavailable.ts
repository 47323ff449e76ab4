import { type Clock, sleep } from '../clock/clock.ts'
import type { Refusal } from '../domain/refusal.ts'
import { isStorageUnavailable } from '../domain/storage-unavailable.ts'
import type { Attempt } from './attempt.ts'

/**
 * Runs `work` until the store takes it. A refused commit has written nothing, so it is safe to repeat. Calls `onRefused`
 * before each wait. Rejects with the signal's reason when that is aborted, and with any other error at once.
 */
export async function retryWhileUnavailable<T>(
  clock: Pick<Clock, 'now' | 'after'>,
  signal: AbortSignal,
  work: () => Promise<T>,
  onRefused?: (refusal: Refusal) => void,
): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isStorageUnavailable(error)) throw error
      onRefused?.(error)
      await sleep(clock, error.retryAfterMs ?? 1_000, signal)
    }
  }
}

/**
 * The same for an attempt: the fault is reported to health and the log meanwhile, and the run waits instead of failing for
 * it.
 */
export async function retryWhileStoreUnavailable<T>(
  { deps, control }: Pick<Attempt, 'deps' | 'control'>,
  work: () => Promise<T>,
): Promise<T> {
  let endReport: () => void = () => undefined
  const report = ({ code, message }: Refusal) => {
    endReport()
    if (code === 'storage_unavailable') endReport = deps.faults.report(message)
  }
  try {
    return await retryWhileUnavailable(deps.clock, control.signal, work, report)
  } finally {
    endReport()
  }
}
