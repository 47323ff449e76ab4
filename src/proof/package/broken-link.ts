import { canonicalText } from '../canonical-json.ts'

/**
 * Thrown for the first property that does not hold, with a description in words. Only `verifyPackage` catches it and
 * returns it as its result.
 */
export class BrokenLink extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`)
    this.name = 'BrokenLink'
  }
}

/** Throws BrokenLink where a condition does not hold. */
export function demand(holds: boolean, where: string, what: string): asserts holds {
  if (!holds) throw new BrokenLink(where, what)
}

/** Returns the value, and throws BrokenLink where it is undefined. */
export function present<T>(value: T | undefined, where: string, what: string): T {
  if (value === undefined) throw new BrokenLink(where, what)
  return value
}

/**
 * Throws BrokenLink where two values differ. `whose` names the source of the expected one: "the journal", "the run's
 * configuration".
 */
export function demandEqual(where: string, what: string, found: unknown, expected: unknown, whose: string): void {
  if (found === expected) return
  const [shownFound, shownExpected] = [show(found), show(expected)]
  if (shownFound === shownExpected) return
  const pair = `${cut(shownFound)}, by ${whose} it is ${cut(shownExpected)}`
  throw new BrokenLink(where, `${what} is ${pair}`)
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : canonicalText(value)
}

const shownMax = 400

function cut(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`
}
