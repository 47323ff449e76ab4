/** The facts about a JSON text that are known before it is parsed. */
export interface JsonShape {
  /**
   * The first field of the object whose value is nested deeper than allowed, by its name. It is empty where the text
   * is no object, and undefined where no field is too deep.
   */
  readonly deepField: string | undefined
  /** The approximate number of values: the commas and opening brackets of the text. */
  readonly values: number
  /** JSON writes a lone surrogate as an escape, because bytes of UTF-8 cannot hold one. */
  readonly hasSurrogateEscape: boolean
}

/** Scans a JSON text that arrives in pieces. Its facts are about the bytes added so far. */
export interface JsonScanner extends JsonShape {
  /** Adds the next bytes of the text, which may be cut anywhere. */
  add(bytes: Uint8Array): void
}

const [quote, backslash, comma, openBrace, openBracket, closeBrace, closeBracket, letterU] = Buffer.from('"\\,{[}]u')
/** The name of a field is not reported if it is longer. */
const nameBytesMax = 1_024

/**
 * Creates a scanner that reads a text byte by byte and without a stack. A text that is made to be slow to parse is
 * therefore refused before that, and costs no more than another of its length. Malformed JSON is left to the parser.
 */
export function createJsonScanner(levels: number): JsonScanner {
  let depth = 0
  let values = 0
  let isObject = false
  let isInText = false
  let isEscaped = false
  /** The characters read of an escape that may be a surrogate: 1 after `\u`, 2 after `\ud`. */
  let surrogateAt = 0
  let hasSurrogateEscape = false
  let deepField: string | undefined
  /** The last string of the object itself. Before a bracket it is the name of the field that the bracket opens. */
  let name: number[] = []
  let isName = false

  const readText = (byte: number) => {
    if (isName && name.length < nameBytesMax) name.push(byte)
    if (surrogateAt > 0) {
      hasSurrogateEscape ||= surrogateAt === 2 && isBetween(byte | 0x20, 0x61, 0x66)
      hasSurrogateEscape ||= surrogateAt === 2 && (byte === 0x38 || byte === 0x39)
      surrogateAt = surrogateAt === 1 && (byte | 0x20) === 0x64 ? 2 : 0
    }
    if (isEscaped) {
      isEscaped = false
      surrogateAt = byte === letterU ? 1 : 0
    } else if (byte === backslash) isEscaped = true
    else if (byte === quote) {
      isInText = false
      isName = false
    }
  }
  const readStructure = (byte: number) => {
    if (byte === quote) {
      isInText = true
      isName = depth === 1 && isObject
      if (isName) name = [byte]
    } else if (byte === openBrace || byte === openBracket) {
      if (depth === 0) isObject = byte === openBrace
      depth += 1
      values += 1
      if (depth > levels + 1) deepField ??= nameIn(name)
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1
    else if (byte === comma) values += 1
  }

  return {
    add(bytes) {
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at] ?? 0
        if (isInText) readText(byte)
        else readStructure(byte)
      }
    },
    get deepField() {
      return deepField
    },
    get values() {
      return values
    },
    get hasSurrogateEscape() {
      return hasSurrogateEscape
    },
  }
}

function isBetween(byte: number, from: number, to: number): boolean {
  return byte >= from && byte <= to
}

function nameIn(quoted: readonly number[]): string {
  try {
    return String(JSON.parse(Buffer.from(quoted).toString() || '""')).toWellFormed()
  } catch {
    return '' // It is no JSON, or cut, and is refused for its depth all the same.
  }
}
