import type { Problem } from './problem.ts'

/** Says what is wrong with a value that stands at `at`, or nothing. */
export type Check = (value: unknown, at: string) => Problem | undefined

/** A check for every field, so that a field that is added to the type does not compile until it is checked here. */
type Fields<T> = { readonly [Name in keyof T]-?: Check }

/** An object with exactly these fields. */
export function record<T>(fields: Fields<T>): Check {
  const names = Object.keys(fields)
  const checks = Object.entries<Check>(fields)
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { problem: `${at} is not an object` }
    const unknown = Object.keys(value).find((name) => !names.includes(name))
    if (unknown !== undefined) return { problem: `${at} has the unknown field ${JSON.stringify(unknown)}` }
    const held = new Map<string, unknown>(Object.entries(value))
    for (const [name, check] of checks) {
      if (!held.has(name)) return { problem: `${at} lacks ${name}` }
      const problem = check(held.get(name), `${at}.${name}`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

export function listOf(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return { problem: `${at} is not a list` }
    for (const [i, entry] of value.entries()) {
      const problem = check(entry, `${at}[${i}]`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

export function nullable(check: Check): Check {
  return (value, at) => (value === null ? undefined : check(value, at))
}

export function oneOf(values: readonly string[]): Check {
  return (value, at) =>
    typeof value === 'string' && values.includes(value)
      ? undefined
      : { problem: `${at} is not one of ${values.join(', ')}` }
}

export function matching(pattern: RegExp, what: string): Check {
  return (value, at) =>
    typeof value === 'string' && pattern.test(value) ? undefined : { problem: `${at} is not ${what}` }
}

export const text: Check = (value, at) => (typeof value === 'string' ? undefined : { problem: `${at} is not a text` })

export const flag: Check = (value, at) =>
  typeof value === 'boolean' ? undefined : { problem: `${at} is not true or false` }

/** No number that a double cannot tell from its neighbour. */
export const whole: Check = (value, at) =>
  Number.isSafeInteger(value) ? undefined : { problem: `${at} is not a whole number` }

export const count: Check = (value, at) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : { problem: `${at} is not a whole number from 0 on` }
