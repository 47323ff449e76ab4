import { UsageError } from './usage-error.ts'

/** `k=v` pairs into an object; the value may hold `=`. For use as a repeatable option. */
export function parsePair(option: string, value: string, before: Readonly<Record<string, string>> = {}) {
  const at = value.indexOf('=')
  if (at < 1) throw new UsageError(`${option} takes name=value, for example ${option} project=apollo; got "${value}".`)
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) }
}

/** A whole number within bounds. */
export function parseWhole(option: string, value: string, min: number, max: number): number {
  const number = Number(value)
  if (!/^\d+$/u.test(value) || number < min || number > max) {
    throw new UsageError(`${option} takes a whole number from ${min} to ${max}; got "${value}".`)
  }
  return number
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds: `90`, `90s`, `15m`, `2h`, `1d`. */
export function parseSeconds(option: string, value: string): number {
  const match = /^(\d+)([smhd]?)$/u.exec(value)
  const seconds = Number(match?.[1]) * (unitSeconds[match?.[2] || 's'] ?? 1)
  if (match === null || seconds === 0) {
    throw new UsageError(`${option} takes a length of time such as 90s, 15m or 2h; got "${value}".`)
  }
  return seconds
}

/** One of the words. */
export function parseWord<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === value)
  if (word === undefined) throw new UsageError(`${option} takes one of ${words.join(', ')}; got "${value}".`)
  return word
}
