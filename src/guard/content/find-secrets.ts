import { anchoredRules } from './anchored-rules.ts'
import type { Detection } from './detectors.ts'
import { findAssignedSecrets } from './find-assigned-secrets.ts'

/** Keys, tokens, passwords: whatever a rule of secret-rules.ts recognises. */
export function findSecrets(text: string, found: Detection[]): void {
  for (const { name, pattern, holds } of anchoredRules(text)) {
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? match[0]
      if (holds !== undefined && !holds(secret)) continue
      // A group is looked for from the end of the match: what stands before it may hold the same text.
      const start = match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(secret))
      found.push({ detector: `secret:${name}`, start, end: start + secret.length })
    }
  }
  findAssignedSecrets(text, found)
}
