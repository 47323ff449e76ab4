/** The rule by which a failed model call is tried again. */
export interface RetryRule {
  readonly triesMax: number
  readonly firstDelayMs: number
  readonly delayMsMax: number
  /** The longest `Retry-After` that is obeyed. A provider that asks for more is not waited for. */
  readonly retryAfterMsMax: number
}

/** The rule for model calls: five tries, from half a second to half a minute apart. */
export const modelRetryRule: RetryRule = {
  triesMax: 5,
  firstDelayMs: 500,
  delayMsMax: 30_000,
  retryAfterMsMax: 120_000,
}

/**
 * The milliseconds before a run may start again that has lost attempts to a server that broke: a second, then five
 * times as long each time, so that a fault of less than a minute does not use up the attempts. A process that died
 * needs no wait.
 */
export function lostAttemptDelayMs(lostAttempts: number, reason: 'died' | 'broke' | 'handed_back'): number {
  return reason === 'broke' ? Math.min(60_000, 1_000 * 5 ** (lostAttempts - 1)) : 0
}

/**
 * The milliseconds before try `tried + 1`, or undefined where there is none. They grow exponentially, and their upper
 * half is random (`random` is in [0, 1)). A `Retry-After` is a minimum.
 */
export function retryDelayMs(rule: RetryRule, tried: number, random: number, retryAfterMs = 0): number | undefined {
  if (tried >= rule.triesMax) return undefined
  if (retryAfterMs > rule.retryAfterMsMax) return undefined
  const ceiling = Math.min(rule.delayMsMax, rule.firstDelayMs * 2 ** (tried - 1))
  const backoff = Math.ceil(ceiling / 2 + (ceiling / 2) * random)
  return Math.max(backoff, retryAfterMs)
}
