/**
 * The last second that was formatted, up to its point. It is kept because instants come in bunches, and formatting
 * one is slow.
 */
let second = Number.NaN
let secondText = ''

/** Writes an instant in ISO 8601, UTC with milliseconds. `ms` counts from 1970. */
export function instantOf(ms: number): string {
  const start = Math.floor(ms / 1_000)
  if (start !== second) {
    secondText = new Date(start * 1_000).toISOString().slice(0, -4)
    second = start
  }
  return `${secondText}${String(ms - start * 1_000).padStart(3, '0')}Z`
}

/** Writes an instant as `instantOf` does, and keeps null. */
export function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instantOf(ms)
}
