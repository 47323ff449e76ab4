/**
 * Stands where no case is left, so that a new one does not compile until it has its place. Throws for a value that the types
 * exclude: a defect, or data that a newer version wrote.
 */
export function unreachable(value: never): never {
  throw new Error(`Nothing is known of ${JSON.stringify(value)}.`)
}
