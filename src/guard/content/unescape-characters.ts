import type { Edit } from './layer.ts'

// A run of backslashes counts as one, and so does a run of %25: however often something was escaped, it is one step.
// Rows of plain escapes come first, in one match, only because that is faster.
const escaped =
  /(?:\\u00[2-7][0-9a-f])+|(?:%(?!25)[0-7][0-9a-f])+|(?:\\+x[89a-f][0-9a-f])+|\\+(?:u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|x[0-9a-f]{2}|["\\/bfnrt])|(?:%(?:25)*[89a-f][0-9a-f])+|%(?:25)*[0-7][0-9a-f]/gi
const escapedInJson = /(?:\\u00[2-7][0-9a-fA-F])+|\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g
const shortForms: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** The edits that undo percent-encoding and the escapes of JSON and similar languages, all levels at once. */
export function unescapeCharacters(text: string): Edit[] {
  if (!text.includes('\\') && !text.includes('%')) return []
  const edits: Edit[] = []
  for (const { 0: found, index } of text.matchAll(escaped)) {
    const isUrl = found.startsWith('%')
    const encoding = isUrl ? 'url' : 'json_escape'
    edits.push(editOf(index, found, isUrl ? decodePercents(found) : decodeEscapes(found), encoding))
  }
  return edits
}

/**
 * The edits that turn the text of a JSON document into the contents of its strings: exactly one level. A required
 * escape (a line break, a quote) hides nothing and is no encoding; a letter or digit written as `\u0031` is.
 */
export function readJsonEscapes(text: string): Edit[] {
  if (!text.includes('\\')) return []
  const edits: Edit[] = []
  for (const { 0: found, index } of text.matchAll(escapedInJson)) {
    const plain = decodeEscapes(found)
    edits.push(editOf(index, found, plain, found.length > 2 && plain > ' ' ? 'json_escape' : null))
  }
  return edits
}

function editOf(start: number, found: string, text: string, encoding: string | null): Edit {
  // The characters may have different numbers of bytes.
  const stride = text === '' || (text.length > 1 && byteEscape.test(found)) ? 0 : found.length / text.length
  return { start, end: start + found.length, text, encoding, stride: Number.isInteger(stride) ? stride : 0 }
}

const rowUnit = 6

const byteEscape = /x[89a-f][0-9a-f]$/i

function decodeEscapes(found: string): string {
  if (byteEscape.test(found)) return decodeBytes(found)
  if (found.length > rowUnit && found.charAt(rowUnit) === '\\') {
    let row = ''
    for (let at = 0; at < found.length; at += rowUnit) row += String.fromCharCode(hexAt(found, at + 4, 2))
    return row
  }
  const form = found.slice(found.search(/[^\\]|\\$/))
  const kind = form.charAt(0)
  if (form.length === 1) return shortForms[kind] ?? form
  const codePoint = Number.parseInt(form.replace(/[^0-9a-f]/gi, ''), 16)
  return codePoint > 0x10ffff ? '' : String.fromCodePoint(codePoint)
}

/**
 * Decodes `\xe2\x80\x8b`, the bytes of a character as most languages write them. Bytes that are no UTF-8 are taken one
 * by one.
 */
function decodeBytes(found: string): string {
  const bytes = Buffer.from(found.replace(/\\+x/gi, ''), 'hex')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? bytes.toString('latin1') : text
}

function hexAt(text: string, at: number, length: number): number {
  return Number.parseInt(text.slice(at, at + length), 16)
}

function decodePercents(found: string): string {
  if (found.length === 3) return String.fromCharCode(hexAt(found, 1, 2))
  const bytes = found.split('%').map((unit) => Number.parseInt(unit.slice(-2), 16))
  return Buffer.from(bytes.slice(1)).toString('utf8')
}
