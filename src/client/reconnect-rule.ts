/** How a cut stream is taken up again. */
export interface ReconnectRule {
  /** Tries in a row that brought nothing new, after which it is given up. */
  readonly triesMax: number
  readonly firstDelayMs: number
  readonly delayMsMax: number
}

export const defaultReconnectRule: ReconnectRule = { triesMax: 8, firstDelayMs: 250, delayMsMax: 10_000 }

/**
 * Milliseconds before try `tried + 1`: doubling, bounded, the upper half random (`random` is in [0, 1)), so that many
 * readers of a restarted server do not come back at once. The server's `Retry-After` is obeyed as a minimum.
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
