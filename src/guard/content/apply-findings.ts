import type { Finding } from '../../domain/decision.ts'
import type { ContentRule } from '../../domain/policy.ts'
import { isJsonDocument } from './decode-layers.ts'
import { detectorGroups, groupOf, unexamined } from './detectors.ts'
import { type Redaction, redactJson } from './redact-json.ts'

/** What a policy says of what is found. */
export interface FindingRules {
  readonly personal_data: ContentRule
  readonly secrets: ContentRule
  readonly blocked_keywords: readonly string[]
}

export interface AppliedFindings {
  /** Those for which nothing may happen with the text at all. */
  readonly blocked: readonly Finding[]
  /** The text with a stand-in (`[redacted:ssn]`) for everything that may not be passed on, blocked or not. */
  readonly redacted: string
  readonly changed: boolean
}

/** Keywords block always, and so does what nobody looked at; what is encoded too deep to be read falls under the strictest of the rules for what it may hide. */
export function ruleFor(detector: string, { personal_data, secrets, blocked_keywords }: FindingRules): ContentRule {
  if (detector === unexamined) return 'block'
  switch (groupOf(detector)) {
    case 'personal_data':
      return personal_data
    case 'secret':
      return secrets
    case 'keyword':
      return 'block'
    case 'evasion':
      if (blocked_keywords.length > 0 || personal_data === 'block' || secrets === 'block') return 'block'
      return personal_data === 'redact' || secrets === 'redact' ? 'redact' : 'allow'
  }
}

/**
 * What a policy makes of the findings of `scanText` in this text. Where something is found in an encoded token, all that
 * the token decodes to goes. The text of a JSON document stays a JSON document: a number becomes a string, a name stays unique.
 */
export function applyFindings(text: string, findings: readonly Finding[], rules: FindingRules): AppliedFindings {
  const redactions = mergeFindings(findings.filter(({ detector }) => ruleFor(detector, rules) !== 'allow'))
  const blocked = findings.filter(({ detector }) => ruleFor(detector, rules) === 'block')
  if (redactions.length === 0) return { blocked, redacted: text, changed: false }
  const redacted = isJsonDocument(text) ? redactJson(text, redactions) : redactPlain(text, redactions)
  return { blocked, redacted, changed: redacted !== text }
}

/** What overlaps becomes one stand-in, named for what weighs most in it. */
function mergeFindings(findings: readonly Finding[]): Redaction[] {
  const merged: { start: number; end: number; detector: string }[] = []
  for (const { detector, start, end } of [...findings].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1)
    if (last === undefined || start >= last.end) merged.push({ start, end, detector })
    else {
      last.end = Math.max(last.end, end)
      if (weight(detector) > weight(last.detector)) last.detector = detector
    }
  }
  return merged.map(({ start, end, detector }) => ({ start, end, standIn: `[redacted:${detector}]` }))
}

function weight(detector: string): number {
  return detectorGroups.indexOf(groupOf(detector))
}

function redactPlain(text: string, redactions: readonly Redaction[]): string {
  let result = ''
  let done = 0
  for (const { start, end, standIn } of redactions) {
    result += text.slice(done, start) + standIn
    done = end
  }
  return result + text.slice(done)
}
