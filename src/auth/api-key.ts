import { createHmac, randomBytes } from 'node:crypto'
import type { Dialect } from '../domain/principal.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * The form of a dialect's keys. The prefix (the first `prefixChars` characters and what stands before them) is stored
 * in clear for look-ups; the rest is secret.
 */
interface KeyForm {
  readonly dialect: Dialect
  readonly start: string
  readonly prefixChars: number
  /** The characters between the prefix and the secret. */
  readonly separator: string
  readonly secretChars: number
}

/**
 * Native keys are `mdt_<12>_<43>`. The other dialects have the forms of their originals' keys. Where an original does
 * not publish its form (Agentrix) or gives no length (Shinzo), the form is our own.
 */
const keyForms: readonly KeyForm[] = [
  { dialect: 'native', start: 'mdt_', prefixChars: 12, separator: '_', secretChars: 43 },
  { dialect: 'xagent', start: 'xag_', prefixChars: 6, separator: '_', secretChars: 32 },
  { dialect: 'certior', start: 'ck-', prefixChars: 12, separator: '', secretChars: 31 },
  { dialect: 'neo', start: 'neo_sk_', prefixChars: 8, separator: '', secretChars: 24 },
  { dialect: 'agentrix', start: 'agx_', prefixChars: 12, separator: '_', secretChars: 43 },
  { dialect: 'shinzo', start: 'sk_shinzo_', prefixChars: 12, separator: '_', secretChars: 43 },
]

/**
 * The beginnings by which a credential shows its dialect, even where it is not one of our keys (`ck_` begins an older
 * Certior key).
 */
const starts: readonly (readonly [string, Dialect])[] = [
  ...keyForms.map(({ start, dialect }) => [start, dialect] as const),
  ['ck_', 'certior'],
]

/**
 * The dialect that a credential was issued for, read from its beginning alone. Undefined where no dialect's keys begin
 * so.
 */
export function dialectOfCredential(credential: string): Dialect | undefined {
  return starts.find(([start]) => credential.startsWith(start))?.[1]
}

/** A new key. `key` is shown once and never stored; `prefix` is stored for look-ups. */
export function newKey(dialect: Dialect): { readonly key: string; readonly prefix: string } {
  const form = keyForms.find((candidate) => candidate.dialect === dialect)
  if (form === undefined) throw new Error(`Keys of the dialect ${dialect} have no form.`)
  const prefix = form.start + randomText(form.prefixChars)
  return { prefix, key: prefix + form.separator + randomText(form.secretChars) }
}

/**
 * The part of a credential that it is looked up by, or undefined where the credential does not have the form of a key.
 */
export function prefixOf(credential: string): string | undefined {
  for (const { start, prefixChars, separator, secretChars } of keyForms) {
    if (!credential.startsWith(start)) continue
    const end = start.length + prefixChars
    const fits = credential.length === end + separator.length + secretChars && credential.startsWith(separator, end)
    return fits ? credential.slice(0, end) : undefined
  }
  return undefined
}

/** The stored verifier of a key: an HMAC-SHA-256 of the whole key under the server's pepper, in hexadecimal digits. */
export function verifierOf(pepper: Uint8Array, key: string): string {
  return createHmac('sha256', pepper).update(key).digest('hex')
}

/** Random text with uniform characters: bytes that would favour some of them are discarded. */
function randomText(chars: number): string {
  let text = ''
  while (text.length < chars) {
    for (const byte of randomBytes(chars)) if (byte < 248 && text.length < chars) text += base62.charAt(byte % 62)
  }
  return text
}
