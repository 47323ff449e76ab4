import type { PathLabels } from '../domain/task.ts'
import { type PathGlob, parsePathGlob } from './path-glob.ts'

interface CompiledRule {
  /** Undefined for a rule that cannot be read. */
  readonly glob: PathGlob | undefined
  readonly labels: readonly string[]
}

/** By the rules of a run's configuration, which never change. */
const compiled = new WeakMap<readonly PathLabels[], readonly CompiledRule[]>()

/** What bounds the rules and the paths that they are matched with. */
export interface PathLabelLimits {
  readonly path_chars_max: number
  readonly path_label_chars_max: number
}

/**
 * The labels that touching a path brings to a run. A rule that cannot be read, and a path that is longer than any file's, bring
 * them all: what is not known to be harmless is labelled.
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

/** What is wrong with one of the rules, by its place among them. */
export interface RuleProblem {
  readonly index: number
  readonly problem: string
  /** It can be read; but all of them have more characters than allowed. */
  readonly isTooLong: boolean
}

/** Why rules cannot be taken: the first that cannot be read, or with which all of them are too long to be matched quickly. */
export function findRuleProblem(rules: readonly PathLabels[], charsMax: number): RuleProblem | undefined {
  let chars = 0
  for (const [index, { path }] of rules.entries()) {
    const { glob, problem, isTooLong } = parsePathGlob(path, charsMax - chars)
    if (glob === undefined) return { index, problem, isTooLong }
    chars += glob.chars
  }
  return undefined
}
