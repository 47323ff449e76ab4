import type { CutText } from '../steps/present-step.ts'

const textBytesMax = 64 * 1024

/** At most 64 KiB of a text as UTF-8, without half a character at its end. */
export function cutText(text: string): CutText {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= textBytesMax) return { text, truncated: false }
  const bytes = Buffer.from(text)
  if (bytes.length <= textBytesMax) return { text, truncated: false }
  let end = textBytesMax
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return { text: bytes.subarray(0, end).toString(), truncated: true }
}
