/** What is known of a JSON text before it is parsed. */
export interface JsonShape {
  /**
   * The first field of the object, by its name, whose value is nested in more levels than allowed; '' where the text is no
   * object. Undefined where there is none.
   */
  readonly deepField: string | undefined
  /** How many values stand in it, about: its commas and opening brackets. */
  readonly values: number
  /** JSON writes a surrogate that stands alone as an escape; bytes of UTF-8 cannot hold one. */
  readonly hasSurrogateEscape: boolean
}

export interface JsonScanner extends JsonShape {
  /** The next bytes of the text; it may be cut anywhere. */
  add(bytes: Uint8Array): void
}

const [quote, backslash, comma, openBrace, openBracket, closeBrace, closeBracket, letterU] = Buffer.from('"\\,{[}]u')
/** A longer name of a field is not told. */
const nameBytesMax = 1_024

/**
 * Looks at a text as it comes, byte by byte and without a stack: so that a text which is made to be slow to parse is refused
 * before that, and costs no more than another of its length. What is no JSON is left to be found out by whoever parses it.
 */
export function createJsonScanner(levels: number): JsonScanner {
  let depth = 0
  let values = 0
  let isObject = false
  let isInText = false
  let isEscaped = false
  /** Characters of an escape that may be one of a surrogate: 1 after `\u`, 2 after `\ud`. */
  let surrogateAt = 0
  let hasSurrogateEscape = false
  let deepField: string | undefined
  /** The last text of the object itself: before a bracket it is the name of what that opens. */
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
