/** The rule by which an interrupted stream is resumed. */
export interface ReconnectRule {
  /** The number of successive tries without anything new after which the reader gives up. */
  readonly triesMax: number
  readonly firstDelayMs: number
  readonly delayMsMax: number
}

/** Eight tries, from a quarter of a second to ten seconds apart. */
export const defaultReconnectRule: ReconnectRule = { triesMax: 8, firstDelayMs: 250, delayMsMax: 10_000 }

/**
 * The milliseconds before try `tried + 1`. They double up to a bound, and their upper half is random (`random` is in
 * [0, 1)), so that many readers of a restarted server do not return at once. The server's `Retry-After` is a minimum.
 */
export function reconnectDelayMs(
  rule: ReconnectRule,
  tried: number,
  random: number,
  retryAfterMs: number | undefined,
): number {
  const ceiling = Math.min(rule.delayMsMax, rule.firstDelayMs * 2 ** (tried - 1))
  return Math.max(Math.ceil((ceiling * (1 + random)) / 2), retryAfterMs ?? 0)
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
export function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
