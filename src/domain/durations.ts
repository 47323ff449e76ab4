/** A second, in milliseconds. */
export const secondMs = 1_000
/** A minute, in milliseconds. */
export const minuteMs = 60 * secondMs
/** An hour, in milliseconds. */
export const hourMs = 60 * minuteMs
/** A day of 24 hours, in milliseconds. */
export const dayMs = 24 * hourMs

/**
 * The wait that a `Retry-After` header asks for (RFC 9110: seconds or a date), in milliseconds from `now`. Undefined where
 * it cannot be read.
 */
export function retryAfterMsOf(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,12}$/u.test(text)) return Number(text) * secondMs
  const at = /[a-z]/iu.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
