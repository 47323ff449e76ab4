import type { Detection } from './detectors.ts'
import { weakestSecret } from './secret-rules.ts'

/** Matches the endings of names that suggest a secret. What a key is for must stand before it. */
const name =
  /password|passwd|passphrase|pwd|secret|token|credential|(?<=(?:api|access|private|secret|auth|encryption|signing|account|master)[_-]?)key/gi

const value = /s?["'`\]]{0,2}\s{0,3}(?:=>|:=|[:=])\s{0,3}["'`]{0,2}([^\s"'`,;()<>{}[\]]{8,200})/y

/**
 * Finds values that are assigned to a name for secrets and look random enough to be one: `password = …`, `"api_key":
 * "…"`.
 */
export function findAssignedSecrets(text: string, found: Detection[]): void {
  for (const { 0: ending, index } of text.matchAll(name)) {
    value.lastIndex = index + ending.length
    const secret = value.exec(text)?.[1] ?? ''
    if (!isRandom(secret)) continue
    found.push({ detector: weakestSecret, start: value.lastIndex - secret.length, end: value.lastIndex })
  }
}

const entropyBitsMin = 2.5

/**
 * Whether a value looks random: letters with digits or signs between them, and no more repetition than in a password.
 */
function isRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false
  if (/^(?:\$|%|process\.|env\.|https?:|[a-z]+:\/\/|\/|\.\/|[\d.]+[a-z]$)/i.test(value)) return false
  return entropyOf(value) >= entropyBitsMin
}

/** The Shannon entropy in bits per character. */
function entropyOf(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length)
  return bits
}
