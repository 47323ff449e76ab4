import type { Detection } from './detectors.ts'
import { weakestSecret } from './secret-rules.ts'

/**
 * The endings, in lower case, of names that suggest a secret, and for an ambiguous one the text that must precede it.
 */
const names: readonly { readonly end: string; readonly after?: RegExp }[] = [
  { end: 'password' },
  { end: 'passwd' },
  { end: 'passphrase' },
  { end: 'pwd' },
  { end: 'secret' },
  { end: 'token' },
  { end: 'credential' },
  { end: 'key', after: /(?:api|access|private|secret|auth|encryption|signing|account|master)[_-]?$/ },
]
const afterUnits = 16

const value = /s?["'`\]]{0,2}\s{0,3}(?:=>|:=|[:=])\s{0,3}["'`]{0,2}([^\s"'`,;()<>{}[\]]{8,200})/y

/**
 * Finds values that are assigned to a name for secrets and look random enough to be one: `password = …`, `"api_key":
 * "…"`.
 */
export function findAssignedSecrets(text: string, found: Detection[]): void {
  const lower = lowerCase(text)
  for (const { end, after } of names) {
    for (let at = lower.indexOf(end); at >= 0; at = lower.indexOf(end, at + end.length)) {
      if (after !== undefined && !after.test(lower.slice(Math.max(0, at - afterUnits), at))) continue
      value.lastIndex = at + end.length
      const secret = value.exec(text)?.[1]
      if (secret === undefined || !isRandom(secret)) continue
      found.push({ detector: weakestSecret, start: value.lastIndex - secret.length, end: value.lastIndex })
    }
  }
}

/** The text in lower case with every unit in its place. Letters that become longer in lower case stay as they are. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const entropyBitsMin = 2.5

/**
 * Whether a value looks random: letters with digits or signs between them, and no more repetition than in a password.
 */
function isRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false
  if (/^(?:\$|%|process\.|env\.|https?:|[a-z]+:\/\/|\/|\.\/|[\d.]+[a-z]?$)/i.test(value)) return false
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
