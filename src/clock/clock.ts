/** The only source of time. Tests advance it by hand. */
export interface Clock {
  /** The current instant in epoch milliseconds. */
  now(): number
  /**
   * Calls back once after at least `ms` milliseconds. The returned function cancels that. A timer does not keep the
   * process alive.
   */
  after(ms: number, callback: () => void): () => void
}

/** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
