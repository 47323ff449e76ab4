import type { Finding } from '../../domain/decision.ts'
import { type AppliedFindings, applyFindings, type FindingRules } from './apply-findings.ts'
import { scanText } from './scan-text.ts'

/** The number of passes. Each leaves less text in which something could be found. */
const passesMax = 6

/**
 * Redacts a text until nothing is found in the outcome: a part of a longer number or token may read as a whole once the
 * text around it is replaced. `blocked` are the findings of the original text.
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
