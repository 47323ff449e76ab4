import type { Edit } from './layer.ts'
import { isPlain, mayBegin, readableRuns } from './readable-runs.ts'

/**
 * The length in bytes below which a decoded text counts only where it is the whole token and not a part of a longer
 * one.
 */
const runBytesMin = 8
const tokenBytesMin = 4
/** The length in base64 of such a run. A shorter token is read from its first character only. */
const runCharsMin = Math.ceil((runBytesMin * 4) / 3)

const notBase64 = 255
const lineBreak = 254
const sextets = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (character === '\n' || character === '\r') return lineBreak
  if (character === '-') return 62
  if (character === '_') return 63
  const value = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(character)
  return value < 0 ? notBase64 : value
})

/**
 * The edits that decode base64 and hexadecimal where that gives text. A token is read from each of its possible
 * beginnings (four for base64, two for hexadecimal), because the characters before it may be of the same alphabet
 * (`files/TWFyeQ`).
 */
export function decodeTokens(text: string): Edit[] {
  const edits = [...decodeBase64(text), ...decodeHex(text)]
  return edits.sort((a, b) => a.start - b.start || b.end - a.end)
}

function decodeBase64(text: string): Edit[] {
  const edits: Edit[] = []
  const values = new Uint8Array(text.length)
  const places = new Int32Array(text.length)
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4) + 3)
  let count = 0
  for (let at = 0; at <= text.length; at++) {
    // Past the end the code is NaN, which ends the last token.
    const code = text.charCodeAt(at)
    const value = code < 128 ? (sextets[code] ?? notBase64) : notBase64
    if (value < 64) {
      values[count] = value
      places[count] = at
      count++
      continue
    }
    if (value === lineBreak) continue
    if (count > tokenBytesMin) readBase64({ text, values, places, count, bytes }, edits)
    count = 0
  }
  return edits
}

interface Token {
  readonly text: string
  readonly values: Uint8Array
  readonly places: Int32Array
  readonly count: number
  /** The buffer for the decoded bytes. */
  readonly bytes: Uint8Array
}

function readBase64(token: Token, edits: Edit[]): void {
  const { text, places, count, bytes } = token
  const phases = count < runCharsMin ? 1 : 4
  for (let phase = 0; phase < phases; phase++) {
    if (phases === 1 && !beginsReadable(token)) return
    const length = sextetsToBytes(token, phase)
    for (const run of readableRuns(bytes, length, tokenBytesMin)) {
      const isWhole = phase === 0 && run.start === 0 && run.end === length
      if (!isWhole && run.end - run.start < runBytesMin) continue
      const first = phase + Math.floor((run.start * 4) / 3)
      const last = phase + Math.ceil((run.end * 4) / 3) - 1
      const end = (places[last] ?? 0) + 1
      const padding = /^={1,2}/.exec(text.slice(end, end + 2))?.[0].length ?? 0
      const decoded = utf8(bytes, run.start, run.end)
      edits.push({ start: places[first] ?? 0, end: end + padding, text: decoded, encoding: 'base64', stride: 0 })
    }
  }
}

/** Whether the token can decode to text. Most words cannot, which their first two letters show. */
function beginsReadable({ values }: Token): boolean {
  const a = values[0] ?? 0
  const b = values[1] ?? 0
  const first = (a << 2) | (b >> 4)
  if (!mayBegin(first)) return false
  return isPlain(((b << 4) & 0xff) | ((values[2] ?? 0) >> 2)) || (b & 8) !== 0
}

function sextetsToBytes({ values, count, bytes }: Token, phase: number): number {
  let length = 0
  let at = phase
  for (; at + 4 <= count; at += 4) {
    const b = values[at + 1] ?? 0
    const c = values[at + 2] ?? 0
    bytes[length] = ((values[at] ?? 0) << 2) | (b >> 4)
    bytes[length + 1] = (b << 4) | (c >> 2)
    bytes[length + 2] = (c << 6) | (values[at + 3] ?? 0)
    length += 3
  }
  const left = count - at
  if (left >= 2) bytes[length++] = ((values[at] ?? 0) << 2) | ((values[at + 1] ?? 0) >> 4)
  if (left === 3) bytes[length++] = ((values[at + 1] ?? 0) << 4) | ((values[at + 2] ?? 0) >> 2)
  return length
}

const hexToken = /(?:(?:0x|\\x|x)?[0-9a-f]{2}[\s:,;._-]{0,2}){4,}[0-9a-f]?/gi
const prefix = /0x/gi
const nibbles = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())
  return value < 0 ? notBase64 : value
})

function decodeHex(text: string): Edit[] {
  const edits: Edit[] = []
  for (const { 0: found, index } of text.matchAll(hexToken)) {
    // The zero of a prefix is not a digit of the value.
    const token = found.includes('0x') || found.includes('0X') ? found.replace(prefix, '__') : found
    const places = new Int32Array(token.length)
    let count = 0
    for (let at = 0; at < token.length; at++) {
      const code = token.charCodeAt(at)
      if (code < 128 && (nibbles[code] ?? notBase64) < 16) places[count++] = at
    }
    const nibbleAt = (nth: number) => nibbles[token.charCodeAt(places[nth] ?? 0)] ?? 0
    for (let phase = 0; phase < 2; phase++) {
      const bytes = new Uint8Array((count - phase) >> 1)
      for (let at = 0; at < bytes.length; at++)
        bytes[at] = (nibbleAt(at * 2 + phase) << 4) | nibbleAt(at * 2 + phase + 1)
      for (const run of readableRuns(bytes, bytes.length, tokenBytesMin)) {
        const isWhole = phase === 0 && run.start === 0 && run.end === bytes.length
        if (!isWhole && run.end - run.start < runBytesMin) continue
        const start = index + (places[run.start * 2 + phase] ?? 0)
        const end = index + (places[run.end * 2 + phase - 1] ?? 0) + 1
        edits.push({ start, end, text: utf8(bytes, run.start, run.end), encoding: 'hex', stride: 0 })
      }
    }
  }
  return edits
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}
