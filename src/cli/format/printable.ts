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

/** At most `charsMax` characters, the last being `…` where something was cut. */
export function shorten(text: string, charsMax: number): string {
  const chars = [...text]
  return chars.length <= charsMax ? text : `${chars.slice(0, Math.max(0, charsMax - 1)).join('')}…`
}
