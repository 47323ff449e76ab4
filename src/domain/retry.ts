/** How a failed model call is tried again. */
export interface RetryRule {
  readonly triesMax: number
  readonly firstDelayMs: number
  readonly delayMsMax: number
  /** A provider that asks for a longer wait than this is not waited for. */
  readonly retryAfterMsMax: number
}

export const modelRetryRule: RetryRule = {
  triesMax: 5,
  firstDelayMs: 500,
  delayMsMax: 30_000,
  retryAfterMsMax: 120_000,
}

/**
 * Milliseconds before a run may start again that has lost attempts to a server that broke: a second, then five times as long
 * each time, so that what passes within a minute does not use up the attempts. A process that died is its own pause.
 */
export function lostAttemptDelayMs(lostAttempts: number, reason: 'died' | 'broke' | 'handed_back'): number {
  return reason === 'broke' ? Math.min(60_000, 1_000 * 5 ** (lostAttempts - 1)) : 0
}

/**
 * Milliseconds to wait before try `tried + 1`, or undefined when it should not be tried again. Exponential, the upper
 * half of each delay random (`random` is in [0, 1)); a `Retry-After` is obeyed as a minimum.
 */
export function retryDelayMs(
  rule: RetryRule,
  tried: number,
  random: number,
  retryAfterMs: number | undefined,
): number | undefined {
  if (tried >= rule.triesMax) return undefined
  if (retryAfterMs !== undefined && retryAfterMs > rule.retryAfterMsMax) return undefined
  const ceiling = Math.min(rule.delayMsMax, rule.firstDelayMs * 2 ** (tried - 1))
  const backoff = Math.ceil(ceiling / 2 + (ceiling / 2) * random)
  return Math.max(backoff, retryAfterMs ?? 0)
}
