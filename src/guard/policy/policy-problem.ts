/** A problem for which a policy is refused, and its place in one of its two texts. */
export interface PolicyProblem {
  readonly where: 'document' | 'cedar'
  /** The line, from 1. */
  readonly line: number
  /** The column, from 1, in UTF-16 units. */
  readonly column: number
  readonly message: string
  /** A hint about what is allowed or was probably meant, or null. */
  readonly hint: string | null
}

/** A problem as it is found. Its place is an offset into the text, in UTF-16 units. */
export interface FoundProblem extends Pick<PolicyProblem, 'message' | 'hint'> {
  readonly offset: number
}

/** The number of problems that are reported at once, since the first ones explain the others. */
const problemsMax = 20

/**
 * The first problems in the order of the text, with their lines and columns. A hostile text has tens of thousands: only
 * the reported ones are located, in one pass over the text.
 */
export function placeProblems(
  where: PolicyProblem['where'],
  source: string,
  found: readonly FoundProblem[],
): PolicyProblem[] {
  const first = found.toSorted((a, b) => a.offset - b.offset).slice(0, problemsMax)
  let line = 1
  let begins = 0
  return first.map(({ offset, message, hint }) => {
    for (let end = source.indexOf('\n', begins); end >= 0 && end < offset; end = source.indexOf('\n', begins)) {
      line += 1
      begins = end + 1
    }
    return { where, line, column: offset - begins + 1, message, hint }
  })
}
