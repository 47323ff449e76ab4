/** The characters of the fonts that every reader of PDF has (Windows-1252), but for ASCII and Latin-1. */
const beyondLatin = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ')

/**
 * A text as those fonts can show it. What they have no sign for stands as its code points between ‹ and ›, neighbours together:
 * nothing is dropped, and what turns the direction of text or takes no room cannot hide. Lines stay lines where `lines` says so.
 */
export function printableText(text: string, { lines = false } = {}): string {
  let shown = ''
  let unknown: string[] = []
  const flush = () => {
    if (unknown.length > 0) shown += `‹${unknown.join(' ')}›`
    unknown = []
  }
  for (const char of text.replaceAll(/\r\n?/gu, '\n')) {
    const known = signOf(char, lines)
    if (known === undefined) unknown.push(codeOf(char))
    else {
      flush()
      shown += known
    }
  }
  flush()
  return shown
}

function signOf(char: string, lines: boolean): string | undefined {
  if (char === '\n') return lines ? '\n' : ' '
  if (char === '\t' || char === '\u{a0}') return ' '
  const isLatin = (char >= ' ' && char <= '~') || (char > '\u{a0}' && char <= 'ÿ' && char !== '\u{ad}')
  return isLatin || beyondLatin.has(char) ? char : undefined
}

function codeOf(char: string): string {
  return (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}

/** At most so many characters, and says where it was cut. */
export function cutText(text: string, charsMax: number): string {
  const chars = [...text]
  if (chars.length <= charsMax) return text
  return `${chars.slice(0, charsMax).join('')} … (${chars.length - charsMax} more characters are in the package)`
}
