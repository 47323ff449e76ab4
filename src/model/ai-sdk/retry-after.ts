import { retryAfterMsOf, secondMs } from '../../domain/durations.ts'

/**
 * The wait that a provider asks for in milliseconds: by its own `retry-after-ms`, or by `Retry-After`, in which some send
 * fractions of seconds.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>> | undefined, now: number): number | undefined {
  const exact = Number.parseFloat(headers?.['retry-after-ms'] ?? '')
  if (Number.isFinite(exact)) return Math.max(0, Math.ceil(exact))
  const text = headers?.['retry-after'] ?? ''
  return /^\d+\.\d+$/u.test(text) ? Math.ceil(Number(text) * secondMs) : retryAfterMsOf(text, now)
}
