import type { Detection } from './detectors.ts'
import { findAssignedSecrets } from './find-assigned-secrets.ts'
import type { SecretRule } from './secret-rule.ts'
import { secretRules } from './secret-rules.ts'

/** The number of leading characters by which anchors are distinguished. */
const keyUnits = 3
const tableBits = 13
const tableMask = (1 << tableBits) - 1

interface Anchor {
  readonly text: string
  readonly rule: number
}

/** The anchors by the hash of their key, so that one look settles most positions of a text. */
const anchorsByHash: (readonly Anchor[] | undefined)[] = Array.from({ length: 1 << tableBits }, () => undefined)

for (const [rule, { anchors }] of secretRules.entries()) {
  for (const text of anchors) {
    const hash = hashOf(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2))
    anchorsByHash[hash] = [...(anchorsByHash[hash] ?? []), { text, rule }]
  }
}

function hashOf(a: number, b: number, c: number): number {
  return ((a << 8) ^ (b << 4) ^ (b >> 3) ^ c) & tableMask
}

/**
 * The rules of which the text holds an anchor, in the order of the table. It passes over the text once for all of them.
 */
export function anchoredRules(text: string): SecretRule[] {
  const held = new Set<number>()
  let a = text.charCodeAt(0)
  let b = text.charCodeAt(1)
  for (let at = keyUnits - 1; at < text.length; at++) {
    const c = text.charCodeAt(at)
    const anchors = anchorsByHash[hashOf(a, b, c)]
    if (anchors !== undefined) addHeld(text, at - keyUnits + 1, anchors, held)
    a = b
    b = c
  }
  return secretRules.filter((_, rule) => held.has(rule))
}

function addHeld(text: string, at: number, anchors: readonly Anchor[], held: Set<number>): void {
  for (const anchor of anchors) if (!held.has(anchor.rule) && text.startsWith(anchor.text, at)) held.add(anchor.rule)
}

/** Finds keys, tokens and passwords by the rules of secret-rules.ts. */
export function findSecrets(text: string, found: Detection[]): void {
  for (const { name, find } of anchoredRules(text)) {
    const detector = `secret:${name}`
    find(text, (start, end) => found.push({ detector, start, end }))
  }
  findAssignedSecrets(text, found)
}
