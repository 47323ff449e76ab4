import { truncateText } from '../../domain/content.ts'

/**
 * Text from a model, a tool or another user without the characters that steer a terminal: an escape sequence in a file must
 * not move the cursor of the person who looks at it. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/gu, '\n').replace(steering, '')
}

/** Control characters, and the ones that turn the direction of writing around. */
const steering = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/**
 * The same characters as visible escapes (`\u202e`), for what a person decides by: nothing of it may be hidden. Marks of the
 * direction of writing are among them.
 */
export function escapeSteering(text: string): string {
  return text
    .replace(/\r\n/gu, '\n')
    .replace(misleading, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Control characters, all that the direction of writing depends on, and other breaks of a line. */
const misleading = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** Any text on one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/gu, ' ').trim()
}

/**
 * Shortens a text to `columnsMax` terminal columns. A shortened text ends with `…`, after a whole word where there is
 * one.
 */
export function shorten(text: string, columnsMax: number): string {
  let width = 0
  let fits = 0
  for (const { segment, index } of graphemesOf(text)) {
    width += displayWidth(segment)
    if (width > columnsMax) return truncateText(text, fits)
    if (width < columnsMax) fits = index + segment.length
  }
  return text
}

const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The characters of a text as a person counts them (grapheme clusters), in order. */
export const graphemesOf = (text: string) => graphemes.segment(text)

/** How many columns of a terminal a text takes, near enough: East Asian characters and emoji take two. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemesOf(text)) width += wide.test(segment) ? 2 : 1
  return width
}
