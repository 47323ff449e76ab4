import type { Content } from '../domain/content.ts'
import type { JsonObject } from '../domain/json.ts'
import { labelsOfPath } from '../guard/path-labels.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { contentOf } from '../proof/content-of.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'

/** A result as the model may see it, and what it brings to the run. */
export interface InspectedResult {
  readonly output: string
  readonly result: Content
  /** The record of what was found in it; undefined where nothing was. */
  readonly findings: Content | undefined
  /** By the tool's declaration, by the path that was read, by what was found in it; sorted. */
  readonly labels: readonly string[]
}

/** Looks at a result before the model does: only what it then says is kept. */
export function inspectResult(attempt: Attempt, tool: Tool, input: JsonObject, output: string): InspectedResult {
  const { policy, deps, journal } = attempt
  const salt = deps.randomness.newSalt()
  const inspected = deps.guard.inspect({ policy, output: output.toWellFormed(), salt })
  const found = inspected.findings.length > 0
  const shown = inspected.output.toWellFormed()
  return {
    output: shown,
    result: contentOf(salt, shown, 'text/plain'),
    findings: found ? journal.text(canonicalText(inspected.findings), 'application/json') : undefined,
    labels: [...new Set([...tool.labels, ...pathLabels(attempt, tool, input), ...inspected.labels])].sort(),
  }
}

function pathLabels(attempt: Attempt, tool: Tool, input: JsonObject): string[] {
  const { path } = tool.facetsOf(input)
  // Whatever else it does with a file, what it says may come from it; only of what is written nothing comes back.
  if (path === null || tool.access === 'write') return []
  const { journal, deps } = attempt
  return labelsOfPath(journal.snapshot.run.config.pathLabels, path, deps.limits)
}
