/** A part of a layer that comes from one place of the original text. An empty one marks where something was removed. */
interface Piece {
  /** The position in the layer. It ends where the next one begins. */
  readonly at: number
  /** The position in the original text. */
  readonly from: number
  to: number
  /**
   * The units of the original text that make one unit of it throughout, or 0 where only the whole corresponds to the
   * whole.
   */
  readonly stride: number
  readonly encodings: readonly string[]
}

/** The original text, or what it becomes when a part of it is decoded, with the way back. */
export interface Layer {
  readonly text: string
  readonly pieces: readonly Piece[]
}

/** A part of the original text, and the encodings that led from it to a layer, outermost first. */
export interface Origin {
  readonly start: number
  readonly end: number
  readonly encodings: readonly string[]
}

/** A replacement of a part of a layer in the next layer. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
  /** The encoding, or null where the form is required and hides nothing, as `\n` in a JSON document. */
  readonly encoding: string | null
  /** The units of the part that make one unit of the text throughout, or 0 where that cannot be said. */
  readonly stride: number
}

/** The separator of parts that are not adjacent. No detector and no decoder reads across it. */
export const gap = '\n|\n'

/** The layer that is the original text itself. */
export function firstLayer(text: string): Layer {
  return { text, pieces: [{ at: 0, from: 0, to: text.length, stride: 1, encodings: [] }] }
}

const nearby = 4

/** The origin of a part of a layer. */
export function originOf({ pieces, text }: Layer, start: number, end: number, near = 0): Origin {
  let index = pieceAt(pieces, start, near)
  let from = Number.POSITIVE_INFINITY
  let to = 0
  let encodings: readonly string[] = []
  for (; index < pieces.length; index++) {
    const piece = pieces[index]
    if (piece === undefined || (piece.at >= end && to > 0)) break
    const ends = pieces[index + 1]?.at ?? text.length
    const origin = part(piece, Math.max(start, piece.at), Math.min(end, ends))
    from = Math.min(from, origin.from)
    to = Math.max(to, origin.to)
    encodings = longerPath(encodings, piece.encodings)
  }
  return { start: from, end: to, encodings }
}

/** The index of the last piece that begins at or before a position. `near` is where to look first. */
function pieceAt(pieces: readonly Piece[], position: number, near: number): number {
  for (let index = near; index < near + nearby; index++) {
    const begins = pieces[index]?.at ?? Number.POSITIVE_INFINITY
    if (begins <= position && (pieces[index + 1]?.at ?? Number.POSITIVE_INFINITY) > position) return index
  }
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((pieces[middle]?.at ?? 0) <= position) low = middle
    else high = middle - 1
  }
  return low
}

function part(piece: Piece, start: number, end: number): Span {
  if (piece.stride === 0) return piece
  return { from: piece.from + (start - piece.at) * piece.stride, to: piece.from + (end - piece.at) * piece.stride }
}

/** The longer of two chains of encodings, followed by those that only the other one holds. */
function longerPath(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a === b || b.length === 0) return a
  if (a.length === 0) return b
  const [longer, shorter] = b.length > a.length ? [b, a] : [a, b]
  const more = shorter.filter((encoding) => !longer.includes(encoding))
  return more.length === 0 ? longer : [...longer, ...more]
}

/** Writes the next layer from left to right. */
export class LayerWriter {
  readonly #before: Layer
  readonly #pieces: Piece[] = []
  readonly #parts: string[] = []
  #length = 0
  /** The piece of the previous layer that was copied last. */
  #near = 0

  constructor(before: Layer) {
    this.#before = before
  }

  get length(): number {
    return this.#length
  }

  /** Copies a part that stays as it is. */
  keep(start: number, end: number): void {
    const { pieces, text } = this.#before
    for (let index = pieceAt(pieces, start, this.#near); index < pieces.length; index++) {
      const piece = pieces[index]
      if (piece === undefined || piece.at >= end) break
      this.#near = index
      const from = Math.max(start, piece.at)
      const to = Math.min(end, pieces[index + 1]?.at ?? text.length)
      // An empty piece within the part is kept too: it marks where something was removed.
      if (from < to || piece.at > start)
        this.#add(text.slice(from, to), part(piece, from, to), piece.stride, piece.encodings)
    }
  }

  put({ start, end, text, encoding, stride }: Edit): void {
    const origin = originOf(this.#before, start, end, this.#near)
    const isKnown = encoding === null || origin.encodings.at(-1) === encoding
    const path = isKnown ? origin.encodings : [...origin.encodings, encoding]
    // A part that was decoded from text of another length has lost its exact positions.
    const isEven = origin.end - origin.start === text.length * stride
    this.#add(text, { from: origin.start, to: origin.end }, isEven ? stride : 0, path)
  }

  /**
   * Adds a decoded part. A nested encoding of the same kind counts again, unlike characters that are each written in
   * the same way.
   */
  putDecoded({ start, end, text, encoding }: Edit): void {
    const origin = originOf(this.#before, start, end, this.#near)
    const path = encoding === null ? origin.encodings : [...origin.encodings, encoding]
    this.#add(text, { from: origin.start, to: origin.end }, 0, path)
  }

  putGap(): void {
    const last = this.#pieces.at(-1)?.to ?? 0
    this.#add(gap, { from: last, to: last }, 0, [])
  }

  finish(): Layer {
    return { text: this.#parts.join(''), pieces: this.#pieces }
  }

  #add(text: string, { from, to }: Span, stride: number, encodings: readonly string[]): void {
    const last = this.#pieces.at(-1)
    const goesOn = last !== undefined && stride > 0 && last.stride === stride && last.to === from
    if (goesOn && isSamePath(last.encodings, encodings)) last.to = to
    else this.#pieces.push({ at: this.#length, from, to, stride, encodings })
    this.#parts.push(text)
    this.#length += text.length
  }
}

interface Span {
  readonly from: number
  readonly to: number
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((encoding, index) => encoding === b[index]))
}
