/**
 * The characters that are not seen, or that change how others are seen: controls, the direction of writing, spaces other
 * than the plain one, what has no glyph. A line break is not among them.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes a text for HTML, in contents and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => entities[character] ?? character)
}

/** Shows a text in HTML as it is: what could not be seen is a marked escape such as `\u{202e}`. */
export function visibleHtml(text: string): string {
  let html = ''
  let from = 0
  for (const found of text.matchAll(unseen)) {
    const [character] = found
    if (character === '\n') continue
    html += `${escapeHtml(text.slice(from, found.index))}<mark>\\u{${character.codePointAt(0)?.toString(16)}}</mark>`
    from = found.index + character.length
  }
  return html + escapeHtml(text.slice(from))
}
