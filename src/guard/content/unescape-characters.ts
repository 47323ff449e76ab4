import type { Edit } from './layer.ts'

// A run of backslashes counts as one, and so does a run of %25: however often something was escaped, it is one step.
const escaped =
  /\\+(?:u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|x[0-9a-f]{2}|["\\/bfnrt])|%(?:25)*[0-7][0-9a-f]|(?:%(?:25)*[89a-f][0-9a-f])+/gi
const escapedInJson = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g
const shortForms: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** The edits that undo percent-encoding and the escapes of JSON and its kin, all levels at once. */
export function unescapeCharacters(text: string): Edit[] {
  if (!text.includes('\\') && !text.includes('%')) return []
  const edits: Edit[] = []
  for (const { 0: found, index } of text.matchAll(escaped)) {
    const isUrl = found.startsWith('%')
    const plain = isUrl ? decodePercents(found) : decodeEscape(found.replace(/^\\+(?=.)/, ''))
    edits.push({
      start: index,
      end: index + found.length,
      text: plain,
      encoding: isUrl ? 'url' : 'json_escape',
      exact: false,
    })
  }
  return edits
}

/**
 * The edits that turn the text of a JSON document into what its strings say: exactly one level. An escape that JSON asks
 * for (a line break, a quote) hides nothing and is no encoding; a letter or digit written as `\u0031` is.
 */
export function readJsonEscapes(text: string): Edit[] {
  if (!text.includes('\\')) return []
  const edits: Edit[] = []
  for (const { 0: found, index } of text.matchAll(escapedInJson)) {
    const plain = decodeEscape(found.slice(1))
    const encoding = found.length > 2 && plain > ' ' ? 'json_escape' : null
    edits.push({ start: index, end: index + found.length, text: plain, encoding, exact: false })
  }
  return edits
}

function decodeEscape(form: string): string {
  const kind = form.charAt(0)
  if (form.length === 1) return shortForms[kind] ?? form
  const codePoint = Number.parseInt(form.replace(/[^0-9a-f]/gi, ''), 16)
  return codePoint > 0x10ffff ? '' : String.fromCodePoint(codePoint)
}

function decodePercents(found: string): string {
  const bytes = found
    .split('%')
    .slice(1)
    .map((unit) => Number.parseInt(unit.slice(-2), 16))
  return Buffer.from(bytes).toString('utf8')
}
