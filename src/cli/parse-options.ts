import { UsageError } from './usage-error.ts'

/** For a repeatable option of `name=value` pairs, the value may hold `=`. */
export function collectPair(option: string) {
  return (value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const at = value.indexOf('=')
    if (at < 1) throw new UsageError(`${option} takes name=value, such as ${option} project=apollo; got "${value}".`)
    return { ...before, [value.slice(0, at)]: value.slice(at + 1) }
  }
}

/** For a repeatable option. */
export function collectWord(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** For a repeatable option that also takes several words at once, separated by commas. */
export function collectWords(value: string, before: readonly string[] = []): string[] {
  const words = value.split(',').map((word) => word.trim())
  return [...before, ...words.filter((word) => word !== '')]
}

/** A whole number within bounds. */
export function parseWhole(option: string, min: number, max: number) {
  return (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/u.test(value) || number < min || number > max) {
      throw new UsageError(`${option} takes a whole number from ${min} to ${max}; got "${value}".`)
    }
    return number
  }
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** A length of time, in seconds: `90`, `90s`, `15m`, `2h`, `1d`. */
export function parseSeconds(option: string) {
  return (value: string): number => {
    const match = /^(\d+)([smhd]?)$/u.exec(value)
    const seconds = Number(match?.[1]) * (unitSeconds[match?.[2] || 's'] ?? 1)
    if (match === null || seconds === 0) {
      throw new UsageError(`${option} takes a length of time such as 90s, 15m or 2h; got "${value}".`)
    }
    return seconds
  }
}

/** An amount of money in dollars, as whole micro-dollars: `5`, `0.50`, `0.000001`. */
export function parseDollars(option: string) {
  return (value: string): number => {
    const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/u.exec(value)
    if (match === null) {
      throw new UsageError(`${option} takes an amount in dollars such as 5 or 0.50; got "${value}".`)
    }
    return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'))
  }
}

/** One of the words. */
export function parseWord<Word extends string>(option: string, words: readonly Word[]) {
  return (value: string): Word => {
    const word = words.find((candidate) => candidate === value)
    if (word === undefined) throw new UsageError(`${option} takes one of ${words.join(', ')}; got "${value}".`)
    return word
  }
}

/** Several of the words, separated by commas. */
export function parseWords<Word extends string>(option: string, words: readonly Word[]) {
  const parse = parseWord(option, words)
  return (value: string): Word[] => value.split(',').map((word) => parse(word.trim()))
}
