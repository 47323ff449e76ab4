import { truncateText } from '../../domain/content.ts'
import { displayWidth, graphemesOf } from './display-width.ts'

/**
 * Text from a model, a tool or another user without the characters that steer a terminal: an escape sequence in a file must
 * not move the cursor of the person who looks at it. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/gu, '\n').replace(steering, '')
}

/** Control characters, and the ones that turn the direction of writing around. */
const steering = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Any text on one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/gu, ' ').trim()
}

/** What fits into so many columns; where something was cut it ends with `…`, after a whole word where there is one. */
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
