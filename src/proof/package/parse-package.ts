import type { Problem } from '../../domain/shape.ts'
import { canonicalText } from '../canonical-json.ts'
import type { AuditPackage } from './audit-package.ts'
import { packageShape } from './package-shapes.ts'

/** The depth to which arrays and objects may be nested, which is more than any record needs. */
export const packageDepthMax = 10_000

/**
 * Parses a package strictly: UTF-8 without a byte order mark, equal to its own RFC 8785 text (so no name twice, no
 * other order, no white space, one form of each number and text), every field known and of its type. Returns a problem
 * in words with its place. Whether the package is true is for `verifyPackage`.
 */
export function parsePackage(bytes: Uint8Array): AuditPackage | Problem {
  const text = decode(bytes)
  if (typeof text !== 'string') return text
  const tooDeep = tooDeepAt(text)
  if (tooDeep !== undefined) {
    return { problem: `character ${tooDeep} of the file stands deeper than ${packageDepthMax} lists and objects` }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { problem: `the file is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  const canonical = canonicalText(value)
  if (canonical !== text) return { problem: notCanonical(text, canonical) }
  const schemaError = packageShape(value, 'package')
  if (schemaError !== undefined) return schemaError
  return value as AuditPackage // Its shape was just checked.
}

function decode(bytes: Uint8Array): string | Problem {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { problem: 'the file begins with a byte order mark' }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // The lenient decoder replaces the first invalid bytes, so that its result differs there.
    const lenient = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
    const at = lenient.findIndex((byte, i) => byte !== bytes[i])
    return { problem: `byte ${at} of the file is not UTF-8` }
  }
}

/** The position at which the text is nested too deeply, found before anything else reads it. */
function tooDeepAt(text: string): number | undefined {
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (inText) {
      if (char === '\\') i += 1
      else if (char === '"') inText = false
    } else if (char === '"') inText = true
    else if (char === '{' || char === '[') {
      depth += 1
      if (depth > packageDepthMax) return i
    } else if (char === '}' || char === ']') depth -= 1
  }
  return undefined
}

function notCanonical(text: string, canonical: string): string {
  let at = 0
  while (text[at] === canonical[at]) at += 1
  const [found, expected] = [text, canonical].map((one) => JSON.stringify(one.slice(at, at + 24)))
  const rule = 'RFC 8785: sorted names, none twice, no white space, one form of numbers and texts'
  return `character ${at} of the file is not in its canonical form (${rule}): there is ${found}, it should be ${expected}`
}
