import { dayMs as day, hourMs as hour, minuteMs as minute, secondMs as second } from '../../domain/durations.ts'

/** A length of time for people: `340 ms`, `4.2 s`, `1 m 05 s`, `2 h 03 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < second - 0.5) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < minute - 50) return `${(ms / second).toFixed(1)} s`
  const rounded = Math.round(ms / second) * second
  const of = (unit: number, whole: number) => Math.floor((rounded % whole) / unit)
  if (rounded < hour) return `${of(minute, hour)} m ${twoDigits(of(second, minute))} s`
  if (rounded < day) return `${of(hour, day)} h ${twoDigits(of(minute, hour))} m`
  return `${Math.floor(rounded / day)} d ${of(hour, day)} h`
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
