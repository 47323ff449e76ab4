import type { Content } from '../domain/content.ts'
import type { JsonObject } from '../domain/json.ts'
import { labelsOfPath } from '../guard/path-labels.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { contentOf } from '../proof/digests.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'

/** A tool's result as the model may see it, with the labels and findings that it brings to the run. */
export interface InspectedResult {
  readonly output: string
  readonly result: Content
  /** The record of the findings; undefined where there are none. */
  readonly findings: Content | undefined
  /** The labels by the tool's declaration, by the path that was read and by the findings, sorted. */
  readonly labels: readonly string[]
}

/**
 * Passes a tool's result through the guard before the model reads it. Only the text after redaction is kept: the original is
 * never written.
 */
export async function inspectResult(
  attempt: Attempt,
  tool: Tool,
  input: JsonObject,
  output: string,
): Promise<InspectedResult> {
  const { policy, deps, journal } = attempt
  const salt = deps.randomness.newSalt()
  const inspected = await deps.guard.inspect({ policy, output: output.toWellFormed(), salt })
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
  // A tool that may read a file can return what stands in it. Only writing brings nothing back.
  if (path === null || tool.access === 'write') return []
  const { journal, deps } = attempt
  return labelsOfPath(journal.snapshot.run.config.pathLabels, path, deps.limits)
}
