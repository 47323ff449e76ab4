/**
 * The wait that a `Retry-After` header asks for (RFC 9110: seconds or a date), in milliseconds. Undefined where it
 * cannot be read.
 */
export function retryAfterMsOf(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,12}$/u.test(text)) return Number(text) * 1_000
  const at = /[a-z]/iu.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
