/**
 * Runs at most a number of bodies at once. The others wait their turn, or leave the queue when their signal is aborted.
 */
export type Semaphore = <T>(signal: AbortSignal, body: () => Promise<T>) => Promise<T>

/** Creates a semaphore for `max` bodies. */
export function createSemaphore(max: number): Semaphore {
  let running = 0
  const waiting = new Set<() => void>()

  const enter = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const abort = () => {
        waiting.delete(start)
        reject(signal.reason)
      }
      const start = () => {
        signal.removeEventListener('abort', abort)
        running += 1
        resolve()
      }
      if (signal.aborted) return reject(signal.reason)
      if (running < max) return start()
      waiting.add(start)
      signal.addEventListener('abort', abort, { once: true })
    })

  const leave = () => {
    running -= 1
    const [next] = waiting
    if (next === undefined) return
    waiting.delete(next)
    next()
  }

  return async (signal, body) => {
    await enter(signal)
    try {
      return await body()
    } finally {
      leave()
    }
  }
}
