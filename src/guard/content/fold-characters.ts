import type { Edit } from './layer.ts'

/**
 * Characters that look like ASCII ones without being a compatibility form of them (which NFKC knows): Cyrillic, Greek,
 * Armenian and Latin letters, dashes and dots.
 */
const lookalikes: ReadonlyMap<string, string> = new Map(
  [
    ['АВЕКМНОРСТХУІЅЈԌԚԜ', 'ABEKMHOPCTXYISJGQW'],
    ['авекмнорстхуіѕјһԁԛԝɡг', 'abekmhopctxyisjhdqwgr'],
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
    ['ανοικρτυχ', 'avoikptux'],
    ['օոհցսոզԼՍՏ', 'onhgunqLUS'],
    ['ıɑɩɪʏᴀᴄᴇᴏᴠᴡᴢǀꓲꓳ', 'iaiiyaceovwzlIO'],
    ['ЗʒƷӠՅ', '33333'],
    ['‐‑‒–—―−⁃﹘﹣－', '-----------'],
    ['․。۔·∙⋅', '......'],
    ['։׃ː∶꞉', ':::::'],
    ['∕⁄⧸', '///'],
  ].flatMap(([from = '', to = '']) => [...from].map((character, index) => [character, to.charAt(index)] as const)),
)

/** The longest replacement. A few signs stand for whole phrases of their script, in which nothing hides. */
const foldedUnitsMax = 4

const blockBits = 8
/** For each code point its replacement, or undefined where it stays. A block is built at its first use. */
const blocks: (readonly (string | undefined)[] | undefined)[] = []

/** Matches everything except printable ASCII, tabs and line breaks. */
const unusual = /[^\t\n\r -~]+/g
const invisible = /\p{Default_Ignorable_Code_Point}|\p{Cf}|\p{Cc}/u
const digit = /\p{Nd}/u

/**
 * The edits that turn a text to plain characters where it only looks like them: invisible characters are removed;
 * fullwidth and other compatibility forms, digits of other scripts and look-alike letters are replaced. Everything else
 * stays.
 */
export function foldCharacters(text: string): Edit[] {
  const edits: Edit[] = []
  for (const match of text.matchAll(unusual)) foldRun(match[0], match.index, edits)
  return edits
}

function foldRun(run: string, start: number, edits: Edit[]): void {
  let at = start
  let from = start
  let folded = ''
  let isFolded = false
  const close = (next: number) => {
    if (isFolded) edits.push({ start: from, end: at, text: folded, encoding: 'homoglyph', stride: 1 })
    from = next
    folded = ''
    isFolded = false
  }
  for (const character of run) {
    const fold = foldOf(character.codePointAt(0) ?? 0)
    const end = at + character.length
    // A replacement of the same length goes into one edit with the characters that stay.
    if (fold === undefined || fold.length === character.length) {
      folded += fold ?? character
      isFolded ||= fold !== undefined
    } else {
      close(end)
      edits.push({ start: at, end, text: fold, encoding: fold === '' ? 'zero_width' : 'homoglyph', stride: 0 })
    }
    at = end
  }
  close(at)
}

function foldOf(codePoint: number): string | undefined {
  const number = codePoint >> blockBits
  let block = blocks[number]
  if (block === undefined) {
    block = Array.from({ length: 1 << blockBits }, (_, offset) => computeFold((number << blockBits) + offset))
    blocks[number] = block
  }
  return block[codePoint & ((1 << blockBits) - 1)]
}

function computeFold(codePoint: number): string | undefined {
  const character = String.fromCodePoint(codePoint)
  if (codePoint === 0x85 || codePoint === 0x2028 || codePoint === 0x2029) return '\n'
  if (codePoint === 0x0b || codePoint === 0x0c) return ' '
  if (invisible.test(character) || isMark(codePoint)) return ''
  const known = lookalikes.get(character)
  if (known !== undefined) return known
  if (digit.test(character)) return digitOf(codePoint)
  const normal = character.normalize('NFKC').replaceAll('\u2044', '/')
  if (normal === character || normal.length > foldedUnitsMax) return undefined
  return lookalikes.get(normal) ?? normal
}

/** Whether the code point is a mark that is written over a letter or digit. */
function isMark(codePoint: number): boolean {
  return (codePoint >= 0x300 && codePoint <= 0x36f) || (codePoint >= 0x20d0 && codePoint <= 0x20ff)
}

/** The value of a decimal digit. Decimal digits come in rows of ten, zero first. */
function digitOf(codePoint: number): string {
  let before = 0
  while (digit.test(String.fromCodePoint(codePoint - before - 1))) before++
  return String(before % 10)
}

const digitLike = /(?<![A-Za-z0-9])[0-9OoIl](?:[ -]{0,3}[0-9OoIl]){8,18}(?![A-Za-z0-9])/g

/**
 * The edits for the letters O, I and l that replace digits in a number of at least nine places, most of which are
 * digits.
 */
export function foldDigitLetters(text: string): Edit[] {
  const edits: Edit[] = []
  for (const { 0: found, index } of text.matchAll(digitLike)) {
    const letters = found.match(/[OoIl]/g)?.length ?? 0
    const digits = found.match(/[0-9]/g)?.length ?? 0
    if (letters === 0 || digits <= letters * 2) continue
    const folded = found.replace(/[Oo]/g, '0').replace(/[Il]/g, '1')
    edits.push({ start: index, end: index + found.length, text: folded, encoding: 'homoglyph', stride: 1 })
  }
  return edits
}
