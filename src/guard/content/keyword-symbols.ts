const separators = /[\s_-]/u
const asciiSeparators = Uint8Array.from({ length: 128 }, (_, code) =>
  separators.test(String.fromCharCode(code)) ? 1 : 0,
)

/**
 * Whether a code point separates words: white space, "-" and "_". Neither their number nor their kind counts. None is
 * above U+FFFF.
 */
export function isSeparator(codePoint: number): boolean {
  if (codePoint < 128) return asciiSeparators[codePoint] === 1
  // Outside ASCII only these blocks hold white space.
  if (
    codePoint !== 0xa0 &&
    codePoint !== 0x1680 &&
    codePoint !== 0xfeff &&
    codePoint >> 8 !== 0x20 &&
    codePoint !== 0x3000
  )
    return false
  return separators.test(String.fromCharCode(codePoint))
}

const blockBits = 8
/** The foldings by the upper bits of a code point. A block is made at its first use. */
const blocks = new Map<number, Uint32Array>()

/**
 * The one code point for all that differ only in case, by the simple case folding of Unicode, which never changes a
 * length.
 */
export function foldCase(codePoint: number): number {
  if (codePoint < 128) return codePoint >= 65 && codePoint <= 90 ? codePoint + 32 : codePoint
  const number = codePoint >> blockBits
  let block = blocks.get(number)
  if (block === undefined) {
    block = Uint32Array.from({ length: 1 << blockBits }, (_, offset) => computeFold((number << blockBits) + offset))
    blocks.set(number, block)
  }
  return block[codePoint & ((1 << blockBits) - 1)] ?? codePoint
}

/**
 * Folds by way of upper case, so that letters with two lower cases (σ and ς) become one. Letters that would become
 * longer stay.
 */
function computeFold(codePoint: number): number {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return codePoint
  const character = String.fromCodePoint(codePoint)
  const upper = single(character.toUpperCase()) ?? character
  const lower = single(upper.toLowerCase()) ?? upper
  return lower.codePointAt(0) ?? codePoint
}

function single(text: string): string | undefined {
  return [...text].length === 1 ? text : undefined
}
