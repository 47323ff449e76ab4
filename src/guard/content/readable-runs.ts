/** A run of bytes that is UTF-8 text. */
export interface ReadableRun {
  readonly start: number
  readonly end: number
}

const broken = 0
const plain = 1
const continuation = 2
const lead = 3 // 3, 4 and 5 are the lead bytes of two, three and four bytes.

const classes = Uint8Array.from({ length: 256 }, (_, byte) => {
  if ((byte >= 0x20 && byte <= 0x7e) || byte === 9 || byte === 10 || byte === 13) return plain
  if (byte >= 0x80 && byte <= 0xbf) return continuation
  if (byte >= 0xc2 && byte <= 0xdf) return lead
  if (byte >= 0xe0 && byte <= 0xef) return lead + 1
  if (byte >= 0xf0 && byte <= 0xf4) return lead + 2
  return broken
})

/** The runs of at least `atLeast` bytes that are text, from left to right. It reads each byte once. */
export function readableRuns(bytes: Uint8Array, length: number, atLeast: number): ReadableRun[] {
  const runs: ReadableRun[] = []
  let start = 0
  /** The end of the last complete character. */
  let whole = 0
  let pending = 0
  for (let at = 0; at <= length; at++) {
    const kind = at < length ? (classes[bytes[at] ?? 0] ?? broken) : broken
    if (pending === 0 && kind === plain) {
      whole = at + 1
      continue
    }
    if (pending > 0 && kind === continuation) {
      pending--
      if (pending === 0) whole = at + 1
      continue
    }
    if (pending === 0 && kind >= lead) {
      pending = kind - lead + 1
      continue
    }
    if (whole - start >= atLeast) runs.push({ start, end: whole })
    const startsHere = kind === plain || kind >= lead
    start = startsHere ? at : at + 1
    pending = kind >= lead ? kind - lead + 1 : 0
    whole = kind === plain ? at + 1 : start
  }
  return runs
}

/** Whether a text can begin with this byte. */
export function mayBegin(byte: number): boolean {
  const kind = classes[byte] ?? broken
  return kind === plain || kind >= lead
}

/** Whether a byte is an ASCII character of plain text. */
export function isPlain(byte: number): boolean {
  return classes[byte] === plain
}
