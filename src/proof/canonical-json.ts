import canonicalize from 'canonicalize'

/** The depth beyond which values are left to the package, which needs no stack for them and finds cycles. */
const depthMax = 64
const insertedMax = 16
const unescapedText = /^[ !#-[\]-~]*$/u

/**
 * The canonical JSON text of a value after RFC 8785: sorted names, no white space, numbers as ECMAScript writes them.
 * Undefined members are left out. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD, as in the bytes of
 * contents: every journal therefore has its digests, and a text with one never equals the canonical text of what it is
 * parsed to. Throws for values without a JSON form (NaN, Infinity, a cycle, undefined).
 */
export function canonicalText(value: unknown): string {
  const text = writePlain(value, 0) ?? canonicalizeMended(value)
  if (text === undefined) throw new Error('JSON has no form for this value.')
  return text
}

/** The canonical JSON text as UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalText(value))
}

/**
 * The text of a value of plain objects, arrays, well-formed texts, finite numbers, booleans and null, which is all that
 * we ever write. Undefined where it holds anything else, which the package then handles. It takes a third of the
 * package's time.
 */
function writePlain(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return writeText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : undefined
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === null) return 'null'
  if (typeof value !== 'object' || depth === depthMax) return undefined
  if (Array.isArray(value)) return writeArray(value, depth + 1)
  return isPlainObject(value) ? writeObject(value, depth + 1) : undefined
}

function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  return Object.getPrototypeOf(value) === Object.prototype
}

function writeText(text: string): string | undefined {
  if (unescapedText.test(text)) return `"${text}"`
  return text.isWellFormed() ? JSON.stringify(text) : undefined
}

function writeArray(values: readonly unknown[], depth: number): string | undefined {
  let written = ''
  for (const value of values) {
    const text = writePlain(value, depth)
    if (text === undefined) return undefined
    written += written === '' ? text : `,${text}`
  }
  return `[${written}]`
}

function writeObject(members: Readonly<Record<string, unknown>>, depth: number): string | undefined {
  let written = ''
  for (const name of sorted(Object.keys(members))) {
    const value = members[name]
    if (value === undefined) continue
    const [start, text] = [writeText(name), writePlain(value, depth)]
    if (start === undefined || text === undefined) return undefined
    written += written === '' ? `${start}:${text}` : `,${start}:${text}`
  }
  return `{${written}}`
}

/** Sorts by UTF-16 units, in place. A few names are inserted one by one, which is faster than a call of sort. */
function sorted(names: string[]): string[] {
  if (names.length > insertedMax) return names.sort()
  for (let i = 1; i < names.length; i += 1) {
    const name = names[i] ?? ''
    let at = i
    for (; at > 0; at -= 1) {
      const before = names[at - 1] ?? ''
      if (before <= name) break
      names[at] = before
    }
    names[at] = name
  }
  return names
}

function canonicalizeMended(value: unknown): string | undefined {
  try {
    return canonicalize(value)
  } catch (error) {
    const mended = withoutLoneSurrogates(value)
    if (mended === undefined) throw error
    return canonicalize(mended)
  }
}

/** A copy with U+FFFD in place of each lone surrogate, or undefined where there is none. */
function withoutLoneSurrogates(value: unknown): unknown {
  let mends = 0
  // JSON.stringify escapes a surrogate only where it is alone, and always doubles a backslash of the text itself.
  const text = JSON.stringify(value, refuseNoNumber).replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/gu, (escaped) => {
    if (escaped === '\\\\') return escaped
    mends += 1
    return '\ufffd'
  })
  return mends === 0 ? undefined : JSON.parse(text)
}

/** Refuses NaN and Infinity, for which JSON.stringify would write null. */
function refuseNoNumber(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is not allowed`)
  return value
}
