/** A digest: `sha256:` and 64 hexadecimal digits. */
export type Digest = string

/**
 * The bytes that an event refers to, stored beside it. Their digest is SHA-256(salt ‖ bytes), so that equal contents
 * cannot be recognised and a purged content cannot be guessed.
 */
export interface Content {
  readonly digest: Digest
  /** The salt, 32 hexadecimal digits. */
  readonly salt: string
  readonly mediaType: string
  /** Whether the client end-to-end encrypted it. The server then stores and returns the bytes and cannot read them. */
  readonly sealed: boolean
  /** The body: text as a string, anything else as bytes. A sealed content is always bytes. */
  readonly body: string | Uint8Array
}

/** The text that replaces a content that cannot be read, in titles, in lists and in the input of a model. */
export const sealedPlaceholder = '[sealed content]'
/** The text that replaces a purged content. */
export const purgedPlaceholder = '[purged content]'

/** The text of a content, or undefined where it is sealed, not text, or purged. */
export function readableText(content: Content | undefined): string | undefined {
  if (content === undefined || content.sealed || typeof content.body !== 'string') return undefined
  return content.body
}

const titleCharsMax = 50

/**
 * A title made of the beginning of the message, on one line. Where it is truncated it ends with a whole word and `…`.
 */
export function titleOf(content: Content | undefined): string {
  const text = readableText(content)
  if (text === undefined) return content === undefined ? purgedPlaceholder : sealedPlaceholder
  const line = lineOf(text)
  const chars = [...line]
  return chars.length <= titleCharsMax ? line : truncateText(line, chars.slice(0, titleCharsMax - 1).join('').length)
}

/** The first 50 characters of a message on one line, truncated at any point, as some dialects promise their titles. */
export function exactTitleOf(text: string): string {
  return [...lineOf(text)].slice(0, titleCharsMax).join('')
}

function lineOf(text: string): string {
  return text.trim().replace(/\s+/gu, ' ')
}

/** The share of the text that may be given up in order to end with a whole word. */
const givenUpMax = 0.4

/**
 * Truncates a text that is longer than `length` UTF-16 units and adds `…`. It ends with a whole word, unless that would
 * give up too much.
 */
export function truncateText(text: string, length: number): string {
  const kept = text.slice(0, length)
  if (/^\s/u.test(text.slice(length))) return `${kept.trimEnd()}…`
  const words = kept.search(/\s+\S*$/u)
  return `${words >= length * (1 - givenUpMax) ? kept.slice(0, words) : kept}…`
}
