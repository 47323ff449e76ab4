import { decodeTokens } from './decode-tokens.ts'
import { foldCharacters, foldDigitLetters } from './fold-characters.ts'
import { type Edit, firstLayer, type Layer, LayerWriter, type Origin, originOf } from './layer.ts'
import { readJsonEscapes, unescapeCharacters } from './unescape-characters.ts'

/** How many encodings inside of each other are seen through. */
export const nestingMax = 4

/** What a text may decode to, all layers together, in UTF-16 units: this much, and so much more for each unit it has. */
export const decodedUnitsFree = 8192
export const decodedUnitsPerUnit = 4

/** What stands around a decoded token is read with it, so that `SSN: MTIzNDU2Nzg5` is understood. */
const contextUnits = 40

/** Anything shorter that could be decoded once more is chance, not another encoding. */
const deeperUnitsMin = 8

export interface DecodedText {
  /** To be scanned: the text itself, then what it becomes, layer by layer. */
  readonly layers: readonly Layer[]
  /** What was left as it is because it goes deeper, or becomes longer, than the limits. */
  readonly unread: readonly Origin[]
}

/**
 * Decodes everything in a text that may be encoded, in place, again and again until nothing changes. The layers together
 * are bounded by a multiple of the text's length; so is the work.
 */
export function decodeLayers(text: string): DecodedText {
  const first = firstLayer(text)
  const layers = [isJsonDocument(text) ? rewrite(first, readJsonEscapes(text)) : first]
  const reading: Reading = { layers, unread: [], left: decodedUnitsFree + decodedUnitsPerUnit * text.length }
  // Characters before tokens: a layer of tokens holds nothing else of the one before it.
  while (decodeAllCharacters(reading) && decodeAllTokens(reading)) {}
  return reading
}

interface Reading {
  readonly layers: Layer[]
  readonly unread: Origin[]
  /** Units that further layers may have. */
  left: number
}

/** Whether the limits allowed to decode everything that is written character by character. */
function decodeAllCharacters(reading: Reading): boolean {
  for (;;) {
    const layer = reading.layers.at(-1) ?? firstLayer('')
    const folded = sortEdits(foldCharacters(layer.text), foldDigitLetters(layer.text))
    const edits = folded.length > 0 ? folded : unescapeCharacters(layer.text)
    if (edits.length === 0) return true
    if (reading.left < layer.text.length) {
      reading.unread.push(originOf(layer, edits[0]?.start ?? 0, edits.at(-1)?.end ?? layer.text.length))
      return false
    }
    const next = rewrite(layer, edits)
    reading.left -= next.text.length
    reading.layers.push(next)
  }
}

/** Whether there were tokens to decode, and so a new layer. */
function decodeAllTokens(reading: Reading): boolean {
  const layer = reading.layers.at(-1) ?? firstLayer('')
  const { edits, tooDeep } = splitByDepth(layer, decodeTokens(layer.text))
  for (const origin of tooDeep) reading.unread.push(origin)
  const [first] = edits
  if (first === undefined) return false
  // Without this end, a layer that holds only the context of what was not decoded would be made again and again.
  if (reading.left <= 0) {
    reading.unread.push(originOf(layer, first.start, layer.text.length))
    return false
  }
  const next = rewriteTokens(layer, edits, reading)
  reading.left -= next.text.length
  reading.layers.push(next)
  return true
}

/** A JSON document is read as what its strings say; whether a text is one follows from the text alone. */
export function isJsonDocument(text: string): boolean {
  if (!/^\s*[{["]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false // It only begins like one: it is scanned as it stands.
  }
}

function rewrite(layer: Layer, edits: readonly Edit[]): Layer {
  if (edits.length === 0) return layer
  const writer = new LayerWriter(layer)
  let done = 0
  for (const edit of edits) {
    if (edit.start < done) continue
    writer.keep(done, edit.start)
    writer.put(edit)
    done = edit.end
  }
  writer.keep(done, layer.text.length)
  return writer.finish()
}

/** The decoded tokens, each way of reading one after the other, with the text around the first. */
function rewriteTokens(layer: Layer, edits: readonly Edit[], { left, unread }: Reading): Layer {
  const writer = new LayerWriter(layer)
  let done = 0
  for (const [index, group] of groupOverlapping(edits).entries()) {
    if (writer.length >= left) {
      unread.push(originOf(layer, group.start, layer.text.length))
      break
    }
    const before = Math.max(done, group.start - contextUnits)
    if (before > Math.min(done + contextUnits, layer.text.length)) {
      if (index > 0) writer.keep(done, done + contextUnits)
      if (index > 0) writer.putGap()
      writer.keep(before, group.start)
    } else writer.keep(done, group.start)
    for (const [nth, edit] of group.edits.entries()) {
      if (nth > 0 || isGlue(layer.text.charAt(group.start - 1))) writer.putGap()
      writer.putDecoded(edit)
    }
    if (isGlue(layer.text.charAt(group.end))) writer.putGap()
    done = group.end
  }
  writer.keep(done, Math.min(done + contextUnits, layer.text.length))
  return writer.finish()
}

/** What stands directly at a token would become part of the word or number that it decodes to. */
function isGlue(character: string): boolean {
  return /[\p{L}\p{N}_+./-]/u.test(character)
}

interface Group {
  readonly start: number
  end: number
  readonly edits: Edit[]
}

function groupOverlapping(edits: readonly Edit[]): Group[] {
  const groups: Group[] = []
  for (const edit of edits) {
    const last = groups.at(-1)
    if (last !== undefined && edit.start < last.end) {
      last.edits.push(edit)
      last.end = Math.max(last.end, edit.end)
    } else groups.push({ start: edit.start, end: edit.end, edits: [edit] })
  }
  return groups
}

function splitByDepth(layer: Layer, all: readonly Edit[]): { edits: Edit[]; tooDeep: Origin[] } {
  const edits: Edit[] = []
  const tooDeep: Origin[] = []
  for (const edit of all) {
    const origin = originOf(layer, edit.start, edit.end)
    if (origin.encodings.length < nestingMax) edits.push(edit)
    else if (edit.text.length >= deeperUnitsMin)
      tooDeep.push({ ...origin, encodings: [...origin.encodings, edit.encoding ?? ''] })
  }
  return { edits, tooDeep }
}

function sortEdits(a: readonly Edit[], b: readonly Edit[]): Edit[] {
  return b.length === 0 ? [...a] : [...a, ...b].sort((x, y) => x.start - y.start)
}
