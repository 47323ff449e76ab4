import { anchoredRules } from './anchored-rules.ts'
import type { Detection } from './detectors.ts'
import { findAssignedSecrets } from './find-assigned-secrets.ts'

/** Finds keys, tokens and passwords by the rules of secret-rules.ts. */
export function findSecrets(text: string, found: Detection[]): void {
  for (const { name, find } of anchoredRules(text)) {
    const detector = `secret:${name}`
    find(text, (start, end) => found.push({ detector, start, end }))
  }
  findAssignedSecrets(text, found)
}
