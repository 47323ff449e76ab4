import type { Finding } from '../../domain/decision.ts'
import type { ContentRule } from '../../domain/policy.ts'
import { isJsonDocument } from './decode-layers.ts'
import { detectorGroups, groupOf, unexamined } from './detectors.ts'
import { type Redaction, redactJson } from './redact-json.ts'
import { scanText } from './scan-text.ts'

/** The rules of a policy about findings. */
export interface FindingRules {
  readonly personal_data: ContentRule
  readonly secrets: ContentRule
  readonly blocked_keywords: readonly string[]
}

/** A text after the rules of a policy were applied to its findings. */
export interface AppliedFindings {
  /** The findings that block the text completely. */
  readonly blocked: readonly Finding[]
  /** The text with a stand-in (`[redacted:ssn]`) for every finding that may not be passed on, blocked or not. */
  readonly redacted: string
  readonly changed: boolean
}

/**
 * The rule for a detector. Keywords always block, and so does text that was not examined. Text that is encoded too deep
 * to be read falls under the strictest of the rules for anything that it may hide.
 */
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
 * Applies the rules of a policy to the findings of `scanText` in this text. Where something is found in an encoded
 * token, everything that the token decodes to is replaced. A JSON document stays a JSON document: a number becomes a
 * string, and names stay unique.
 */
export function applyFindings(text: string, findings: readonly Finding[], rules: FindingRules): AppliedFindings {
  const redactions = mergeFindings(findings.filter(({ detector }) => ruleFor(detector, rules) !== 'allow'))
  const blocked = findings.filter(({ detector }) => ruleFor(detector, rules) === 'block')
  if (redactions.length === 0) return { blocked, redacted: text, changed: false }
  const redacted = isJsonDocument(text) ? redactJson(text, redactions) : redactPlain(text, redactions)
  return { blocked, redacted, changed: redacted !== text }
}

/** Merges overlapping findings to one stand-in, named for the most serious of them. */
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
    applied = applyFindings(applied.redacted, left, rules)
  }
  return { blocked, redacted: applied.redacted, changed: first.changed }
}
