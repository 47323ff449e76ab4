const separators = /[\s_-]/u
const asciiSeparators = Array.from({ length: 128 }, (_, code) => separators.test(String.fromCharCode(code)))

/** Whether a code point separates words: white space, "-" and "_". Neither their number nor their kind counts. */
export function isSeparator(codePoint: number): boolean {
  return asciiSeparators[codePoint] ?? separators.test(String.fromCodePoint(codePoint))
}

const blockBits = 8
const blockSize = 1 << blockBits
/** The foldings by the upper bits of a code point. A block is made at its first use. */
const blocks: Uint32Array[] = []

/**
 * The one code point for all that differ only in case, by the simple case folding of Unicode, which never changes a
 * length.
 */
export function foldCase(codePoint: number): number {
  const number = codePoint >> blockBits
  blocks[number] ??= Uint32Array.from({ length: blockSize }, (_, offset) => computeFold(number * blockSize + offset))
  return blocks[number][codePoint % blockSize] ?? codePoint
}

/**
 * Folds by way of upper case, so that letters with two lower cases (σ and ς) become one. Letters that would become
 * longer stay.
 */
function computeFold(codePoint: number): number {
  const character = String.fromCodePoint(codePoint)
  const upper = single(character.toUpperCase()) ?? character
  const lower = single(upper.toLowerCase()) ?? upper
  return lower.codePointAt(0) ?? codePoint
}

function single(text: string): string | undefined {
  return [...text].length === 1 ? text : undefined
}
