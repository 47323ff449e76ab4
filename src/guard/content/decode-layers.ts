import { decodeTokens } from './decode-tokens.ts'
import { foldCharacters, foldDigitLetters } from './fold-characters.ts'
import { type Edit, firstLayer, type Layer, LayerWriter, type Origin, originOf } from './layer.ts'
import { readJsonEscapes, unescapeCharacters } from './unescape-characters.ts'

/** The number of nested encodings that are decoded. */
export const nestingMax = 4

/**
 * The UTF-16 units that all layers of a text may have together: this number, and `decodedUnitsPerUnit` for each unit of
 * the text.
 */
export const decodedUnitsFree = 8192
/** The further units that layers may have for each unit of the text. */
export const decodedUnitsPerUnit = 4

/** The units around a decoded token that are read with it, so that `SSN: MTIzNDU2Nzg5` is understood. */
const contextUnits = 40

/** The length below which a further decoding is chance and no other encoding. */
const deeperUnitsMin = 8

/** A text with everything that it decodes to. */
export interface DecodedText {
  /** The layers to scan: the text itself, then what it becomes, layer by layer. */
  readonly layers: readonly Layer[]
  /** The parts that stay undecoded because they go deeper, or become longer, than the limits. */
  readonly unread: readonly Origin[]
}

/**
 * Decodes every encoded part of a text in place, repeatedly until nothing changes. The layers together, and with them
 * the work, are bounded by a multiple of the text's length.
 */
export function decodeLayers(text: string): DecodedText {
  const first = firstLayer(text)
  const layers = [isJsonDocument(text) ? rewrite(first, readJsonEscapes(text)) : first]
  const reading: Reading = { layers, unread: [], left: decodedUnitsFree + decodedUnitsPerUnit * text.length }
  // Characters are decoded before tokens, since a layer of tokens holds nothing else of the previous layer.
  while (decodeAllCharacters(reading) && decodeAllTokens(reading)) {}
  return reading
}

interface Reading {
  readonly layers: Layer[]
  readonly unread: Origin[]
  /** The units that further layers may have. */
  left: number
}

/** Decodes everything that is written character by character. Returns whether the limits allowed it. */
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

/** Decodes the tokens. Returns whether there were any, and so a new layer. */
function decodeAllTokens(reading: Reading): boolean {
  const layer = reading.layers.at(-1) ?? firstLayer('')
  const { edits, tooDeep } = splitByDepth(layer, decodeTokens(layer.text))
  for (const origin of tooDeep) reading.unread.push(origin)
  const [first] = edits
  if (first === undefined) return false
  // Without this end, a layer that holds only the context of undecoded tokens would be made again and again.
  if (reading.left <= 0) {
    reading.unread.push(originOf(layer, first.start, layer.text.length))
    return false
  }
  const next = rewriteTokens(layer, edits, reading)
  reading.left -= next.text.length
  reading.layers.push(next)
  return true
}

/** Whether a text is a JSON document, which is read as the contents of its strings. It depends on the text alone. */
export function isJsonDocument(text: string): boolean {
  if (!/^\s*[{["]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false // It only begins like one and is scanned as it is.
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

/** The decoded tokens with the text around them. Each way of reading one follows the other. */
function rewriteTokens(layer: Layer, edits: readonly Edit[], { left, unread }: Reading): Layer {
  const writer = new LayerWriter(layer)
  let done = 0
  for (const [index, group] of groupOverlapping(edits).entries()) {
    if (writer.length >= left) {
      unread.push(originOf(layer, group.start, layer.text.length))
      break
    }
    const before = Math.max(done, group.start - contextUnits)
    if (before > done + contextUnits) {
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
  writer.keep(done, done + contextUnits)
  return writer.finish()
}

/** Whether a character directly beside a token would become part of the word or number that the token decodes to. */
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
