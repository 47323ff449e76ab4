import { createHmac, randomBytes } from 'node:crypto'
import type { Dialect } from '../domain/principal.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** How the keys of a dialect look. `prefixChars` and what stands before are shown in clear and looked up; the rest is secret. */
interface KeyForm {
  readonly dialect: Dialect
  readonly start: string
  readonly prefixChars: number
  /** Between the prefix and the secret. */
  readonly separator: string
  readonly secretChars: number
}

/**
 * Native keys are `mdt_<12>_<43>`. The forms of the other dialects are those of their own keys; where theirs is not public
 * (Agentrix) or says no length (Shinzo), they are ours.
 */
const keyForms: readonly KeyForm[] = [
  { dialect: 'native', start: 'mdt_', prefixChars: 12, separator: '_', secretChars: 43 },
  { dialect: 'xagent', start: 'xag_', prefixChars: 6, separator: '_', secretChars: 32 },
  { dialect: 'certior', start: 'ck-', prefixChars: 12, separator: '', secretChars: 31 },
  { dialect: 'neo', start: 'neo_sk_', prefixChars: 8, separator: '', secretChars: 24 },
  { dialect: 'agentrix', start: 'agx_', prefixChars: 12, separator: '_', secretChars: 43 },
  { dialect: 'shinzo', start: 'sk_shinzo_', prefixChars: 12, separator: '_', secretChars: 43 },
]

/** Beginnings by which a credential shows its dialect, even where it is no key of ours (`ck_` is an older Certior key). */
const starts: readonly (readonly [string, Dialect])[] = [
  ...keyForms.map(({ start, dialect }) => [start, dialect] as const),
  ['ck_', 'certior'],
]

/** The dialect that a credential was issued for, by its beginning alone; undefined for one that no dialect knows. */
export function dialectOfCredential(credential: string): Dialect | undefined {
  return starts.find(([start]) => credential.startsWith(start))?.[1]
}

/** A new key: `key` is shown once and never kept, `prefix` is what it is looked up by. */
export function newKey(dialect: Dialect): { readonly key: string; readonly prefix: string } {
  const form = keyForms.find((candidate) => candidate.dialect === dialect)
  if (form === undefined) throw new Error(`Keys of the dialect ${dialect} have no form.`)
  const prefix = form.start + randomText(form.prefixChars)
  return { prefix, key: prefix + form.separator + randomText(form.secretChars) }
}

/** The part of a credential by which it is looked up, or undefined where it has not the form of a key. */
export function prefixOf(credential: string): string | undefined {
  for (const { start, prefixChars, separator, secretChars } of keyForms) {
    if (!credential.startsWith(start)) continue
    const end = start.length + prefixChars
    const fits = credential.length === end + separator.length + secretChars && credential.startsWith(separator, end)
    return fits ? credential.slice(0, end) : undefined
  }
  return undefined
}

/** What is stored of a key: an HMAC-SHA-256 of the whole of it under the server's pepper, in hex. */
export function verifierOf(pepper: Uint8Array, key: string): string {
  return createHmac('sha256', pepper).update(key).digest('hex')
}

/** Uniform: bytes that would favour some characters are thrown away. */
function randomText(chars: number): string {
  let text = ''
  while (text.length < chars) {
    for (const byte of randomBytes(chars)) if (byte < 248 && text.length < chars) text += base62.charAt(byte % 62)
  }
  return text
}
