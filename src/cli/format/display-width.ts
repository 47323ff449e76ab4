const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What a person calls the characters of a text, one after the other. */
export const graphemesOf = (text: string) => graphemes.segment(text)

/** How many columns of a terminal a text takes, near enough: East Asian characters and emoji take two. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemesOf(text)) width += wide.test(segment) ? 2 : 1
  return width
}
