/** The characters of Windows-1252, which the fonts have, besides ASCII and Latin-1. */
const beyondLatin = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ')

/**
 * Converts a text to one that those fonts can show. Characters without a sign stand as their code points between ‹ and ›,
 * neighbours together: nothing is dropped, and characters that turn the direction of text or take no room cannot hide. Line
 * breaks stay where `lines` says so.
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

/** Truncates a text to `charsMax` characters, and says so in it. */
export function truncateText(text: string, charsMax: number): string {
  const chars = [...text]
  if (chars.length <= charsMax) return text
  return `${chars.slice(0, charsMax).join('')} … (${chars.length - charsMax} more characters are in the package)`
}
