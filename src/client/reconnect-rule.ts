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
