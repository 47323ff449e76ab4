/**
 * The wait that a provider asks for, in milliseconds from `now`: `retry-after-ms`, or `Retry-After` in either form of
 * RFC 9110 (seconds or a date). Undefined where it asks for none or cannot be understood.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>> | undefined, now: number): number | undefined {
  const exact = Number.parseFloat(headers?.['retry-after-ms'] ?? '')
  if (Number.isFinite(exact)) return Math.max(0, Math.ceil(exact))
  const text = headers?.['retry-after']?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
