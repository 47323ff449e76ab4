/** Why a policy is refused: one thing that is wrong, and where in which of its two texts. */
export interface PolicyProblem {
  readonly where: 'document' | 'cedar'
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly message: string
  /** What is allowed, or was probably meant; null where there is nothing to add. */
  readonly hint: string | null
}

export function problemAt(
  where: PolicyProblem['where'],
  source: string,
  offset: number,
  message: string,
  hint: string | null = null,
): PolicyProblem {
  const before = source.slice(0, offset)
  const line = before.split('\n').length
  return { where, line, column: offset - before.lastIndexOf('\n'), message, hint }
}

/** More are not reported at once: the first ones explain the others. */
const problemsMax = 20

/** In the order of the text. */
export function sortProblems(problems: readonly PolicyProblem[]): PolicyProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, problemsMax)
}
