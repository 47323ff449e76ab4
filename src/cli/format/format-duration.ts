const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A length of time for people: `340 ms`, `4.2 s`, `1 m 05 s`, `2 h 03 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < minute - 50) return `${(ms / second).toFixed(1)} s`
  if (ms < hour - 500) {
    const seconds = Math.round(ms / second)
    return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`
  }
  if (ms < day) return `${Math.floor(ms / hour)} h ${twoDigits(Math.floor((ms % hour) / minute))} m`
  return `${Math.floor(ms / day)} d ${Math.floor((ms % day) / hour)} h`
}

/** How long ago, roughly: one unit only. */
export function formatAge(ms: number): string {
  if (ms < second) return 'now'
  if (ms < minute) return `${Math.floor(ms / second)} s ago`
  if (ms < hour) return `${Math.floor(ms / minute)} m ago`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h ago`
  return `${Math.floor(ms / day)} d ago`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
