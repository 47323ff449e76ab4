import type { PathLabels } from '../domain/task.ts'
import { type PathGlob, parsePathGlob } from './path-glob.ts'

interface CompiledRule {
  /** The pattern, or undefined where it cannot be compiled. */
  readonly glob: PathGlob | undefined
  readonly labels: readonly string[]
}

/** The compiled rules by those of a run's configuration, which never change. */
const compiled = new WeakMap<readonly PathLabels[], readonly CompiledRule[]>()

/** The limits of the rules and of the paths that they are matched with. */
export interface PathLabelLimits {
  readonly path_chars_max: number
  readonly path_label_chars_max: number
}

/**
 * The labels that a run takes on by touching a path. A rule that cannot be compiled, and a path that is longer than any
 * file's, give all labels: whatever is not known to be harmless is labelled.
 */
export function labelsOfPath(rules: readonly PathLabels[], path: string, limits: PathLabelLimits): string[] {
  const isTooLong = path.length > limits.path_chars_max
  return compile(rules, limits).flatMap(({ glob, labels }) =>
    isTooLong || glob === undefined || glob.matches(path) ? labels : [],
  )
}

function compile(rules: readonly PathLabels[], { path_label_chars_max }: PathLabelLimits): readonly CompiledRule[] {
  const known = compiled.get(rules)
  if (known !== undefined) return known
  const made = rules.map(({ path, labels }) => ({ glob: parsePathGlob(path, path_label_chars_max).glob, labels }))
  compiled.set(rules, made)
  return made
}

/** The problem of one of the rules, by its index. */
export interface RuleProblem {
  readonly index: number
  readonly problem: string
  /** Whether it can be compiled but all rules together have more characters than allowed. */
  readonly isTooLong: boolean
}

/**
 * The problem for which rules are refused: the first one that cannot be compiled, or with which the rules are too long
 * to be matched quickly.
 */
export function findRuleProblem(rules: readonly PathLabels[], charsMax: number): RuleProblem | undefined {
  let chars = 0
  for (const [index, { path }] of rules.entries()) {
    const { glob, problem, isTooLong } = parsePathGlob(path, charsMax - chars)
    if (glob === undefined) return { index, problem, isTooLong }
    chars += glob.chars
  }
  return undefined
}
