/**
 * Marks the place where no case is left, so that a new case does not compile before it is handled. Throws for a value
 * that the types exclude: a defect, or data that a newer version wrote.
 */
export function unreachable(value: never): never {
  throw new Error(`Nothing is known of ${JSON.stringify(value)}.`)
}
