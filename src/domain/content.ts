import { cutText } from './cut-text.ts'

/** `sha256:` and 64 hex digits. */
export type Digest = string

/**
 * The bytes an event speaks of, stored beside it. Addressed by SHA-256(salt ‖ bytes), so that equal contents do not show as
 * equal and a purged content cannot be guessed from its digest.
 */
export interface Content {
  readonly digest: Digest
  /** 32 hex digits. */
  readonly salt: string
  readonly mediaType: string
  /** End-to-end encrypted by the client: the server stores and hands out the bytes and can read nothing in them. */
  readonly sealed: boolean
  /** Text as a string, anything else as bytes; a sealed content is always bytes. */
  readonly body: string | Uint8Array
}

/** What stands for a content that cannot be read: in titles, lists and in what a model is given. */
export const sealedPlaceholder = '[sealed content]'
export const purgedPlaceholder = '[purged content]'

/** The text of a content, or undefined where it is sealed, not text, or gone. */
export function readableText(content: Content | undefined): string | undefined {
  if (content === undefined || content.sealed || typeof content.body !== 'string') return undefined
  return content.body
}

const titleCharsMax = 50

/** A title until something better exists: how the message begins, on one line; where that is cut it ends with a whole word and `…`. */
export function titleOf(content: Content | undefined): string {
  const text = readableText(content)
  if (text === undefined) return content === undefined ? purgedPlaceholder : sealedPlaceholder
  const line = lineOf(text)
  const chars = [...line]
  return chars.length <= titleCharsMax ? line : cutText(line, chars.slice(0, titleCharsMax - 1).join('').length)
}

/** The first 50 characters of a message on one line, cut wherever that is: what a dialect may promise as a title. */
export function exactTitleOf(text: string): string {
  return [...lineOf(text)].slice(0, titleCharsMax).join('')
}

function lineOf(text: string): string {
  return text.trim().replace(/\s+/gu, ' ')
}
