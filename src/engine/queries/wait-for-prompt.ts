import type { EngineDeps } from '../engine-deps.ts'

/** A hint may be lost, so that a waiting inbox is also read by itself. */
const lookEveryMs = 1_000

/**
 * Resolves when `isThere` finds something, the time is over, or the signal is aborted. It looks at every hint that a journal
 * has grown, at most once at a time.
 */
export async function waitForPrompt(
  { wakeup, clock }: Pick<EngineDeps, 'wakeup' | 'clock'>,
  ms: number,
  signal: AbortSignal,
  isThere: () => Promise<boolean>,
): Promise<void> {
  const over = new AbortController()
  const stop = () => over.abort()
  const cancelTimer = clock.after(ms, stop)
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!over.signal.aborted && !signal.aborted) {
      const hinted = nextHint({ wakeup, clock }, over.signal)
      if (await isThere()) return
      await hinted
    }
  } finally {
    stop()
    cancelTimer()
    signal.removeEventListener('abort', stop)
  }
}

/** Listens from now on, so that nothing is missed that comes while the caller still looks. */
function nextHint({ wakeup, clock }: Pick<EngineDeps, 'wakeup' | 'clock'>, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      unlisten()
      over.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(lookEveryMs, done)
    const unlisten = wakeup.listenToAll(done)
    over.addEventListener('abort', done, { once: true })
  })
}
