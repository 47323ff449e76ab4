import type { Finding } from '../../domain/decision.ts'
import { type AppliedFindings, applyFindings, type FindingRules } from './apply-findings.ts'
import { scanText } from './scan-text.ts'

/** Each time less is left that anything could be found in. */
const passesMax = 6

/**
 * What a policy makes of a text and its findings, so that nothing is found in the outcome again: what was a part of a longer
 * number or token may read as a whole once its surroundings are gone. `blocked` are those of the text as it was.
 */
export function redactText(
  text: string,
  findings: readonly Finding[],
  salt: string,
  rules: FindingRules,
): AppliedFindings {
  const { blocked, ...first } = applyFindings(text, findings, rules)
  let applied = first
  for (let pass = 1; applied.changed && pass < passesMax; pass += 1) {
    const left = scanText(applied.redacted, salt, { keywords: rules.blocked_keywords })
    const again = applyFindings(applied.redacted, left, rules)
    if (!again.changed) break
    applied = again
  }
  return { blocked, redacted: applied.redacted, changed: first.changed }
}
