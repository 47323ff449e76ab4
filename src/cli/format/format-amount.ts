import { dayMs as day, hourMs as hour, minuteMs as minute, secondMs as second } from '../../domain/durations.ts'

/** Millionths of a dollar as dollars, with the digits that matter: `$0.00`, `$0.000012`, `$0.0012`, `$1.25`. */
export function formatCost(microsUsd: number): string {
  if (microsUsd === 0) return '$0.00'
  const digits = microsUsd < 100 ? 6 : microsUsd < 1_000_000 ? 4 : 2
  return `$${(microsUsd / 1_000_000).toFixed(digits)}`
}

/** `1,234,567` whatever the language of the machine is. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** `1 step`, `2 steps`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `$1.25, 1,200 tokens, 3 steps`. */
export function formatAmounts(amounts: { micros_usd: number; tokens: number; steps?: number }): string {
  const { micros_usd, tokens, steps } = amounts
  const counted = [formatCost(micros_usd), formatPlural(tokens, 'token')]
  return [...counted, ...(steps === undefined ? [] : [formatPlural(steps, 'step')])].join(', ')
}

/** Decimal units: `11 B`, `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

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
